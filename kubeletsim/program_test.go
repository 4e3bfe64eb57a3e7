package kubeletsim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestPrograms(t *testing.T) {
	sh := func(script string) corev1.Container {
		return corev1.Container{Image: "busybox", Command: []string{"/bin/sh", "-c", script}}
	}
	tests := map[string]struct {
		container corev1.Container
		vars      map[string]string
		want      Run
	}{
		"server":              {corev1.Container{Image: "nginx:1.22"}, nil, nginx(corev1.Container{}, Environment{})},
		"server with args":    {corev1.Container{Image: "redis", Args: []string{"--appendonly", "yes"}}, nil, serves(200*time.Millisecond, "* Ready to accept connections tcp")},
		"server, args sleep":  {corev1.Container{Image: "nginx", Args: []string{"sleep", "3"}}, nil, exits(3*time.Second, 0)},
		"server by registry":  {corev1.Container{Image: "registry.k8s.io/pause:3.10"}, nil, serves(50 * time.Millisecond)},
		"unknown image":       {corev1.Container{Image: "example.com/app:v1"}, nil, idles()},
		"unknown command":     {corev1.Container{Image: "nginx", Command: []string{"/opt/run"}}, nil, idles()},
		"bad image name":      {corev1.Container{Image: "UPPER"}, nil, idles()},
		"shell without input": {corev1.Container{Image: "busybox"}, nil, exits(0, 0)},
		"shell with terminal": {corev1.Container{Image: "alpine:3", TTY: true}, nil, idles()},
		"shell with input":    {corev1.Container{Image: "ubuntu", Stdin: true}, nil, idles()},
		"shell, args":         {corev1.Container{Image: "busybox", Args: []string{"sleep", "1.5"}}, nil, exits(1500*time.Millisecond, 0)},
		"sleep infinity":      {corev1.Container{Image: "busybox", Command: []string{"sleep", "infinity"}}, nil, idles()},
		"sleep units":         {corev1.Container{Image: "busybox", Command: []string{"sleep", "1m", "2"}}, nil, exits(62*time.Second, 0)},
		"sleep nonsense":      {corev1.Container{Image: "busybox", Command: []string{"sleep", "soon"}}, nil, exits(0, 1, "sleep: invalid time interval 'soon'")},
		"sleep nothing":       {corev1.Container{Image: "busybox", Command: []string{"sleep"}}, nil, exits(0, 1, "sleep: missing operand")},
		"false":               {corev1.Container{Image: "busybox", Command: []string{"/bin/false"}}, nil, exits(0, 1)},
		"echo":                {corev1.Container{Image: "busybox", Command: []string{"echo", "hi", "$WHO"}}, map[string]string{"WHO": "you"}, exits(0, 0, "hi you")},
		"tail -f":             {corev1.Container{Image: "busybox", Command: []string{"tail", "-f", "/dev/null"}}, nil, idles()},
		"exit":                {sh("exit 3"), nil, exits(0, 3)},
		"sleep, then exit":    {sh("sleep 2; exit 1"), nil, exits(2*time.Second, 1)},
		"and":                 {sh("false && echo no; echo yes"), nil, exits(0, 0, "yes")},
		"exit code of last":   {sh("echo a\nfalse"), nil, exits(0, 1, "a")},
		"loop":                {sh("echo 'start'; while true; do echo x; sleep 1; done"), nil, Run{ExitsAfter: Never, StopsAfter: Never, Logs: []string{"start"}}},
		"exec":                {sh("exec sleep infinity"), nil, idles()},
		"unknown in script":   {sh("mount /x && sleep 1"), nil, exits(time.Second, 0)},
		"files":               {sh("touch /a /b; sleep 1; rm -f /a; echo x > /c"), nil, Run{ExitsAfter: time.Second, StopsAfter: Never, Files: []FileChange{{0, "/a", false}, {0, "/b", false}, {time.Second, "/a", true}, {time.Second, "/c", false}}}},
		"looks for its files": {sh("touch /a; rm /a; cat /a; test -f /a || echo gone; [ -e /etc/hosts ] && exit 4"), nil, Run{ExitCode: 4, StopsAfter: Never, Logs: []string{"cat: /a: No such file or directory", "gone"}, Files: []FileChange{{0, "/a", false}, {0, "/a", true}}}},
		"errors thrown away":  {sh("ls /a 2>/dev/null; cat /b >/dev/null 2>&1"), nil, exits(0, 1)},
		"mysql, password":     {corev1.Container{Image: "mysql:8"}, map[string]string{"MYSQL_ROOT_PASSWORD": "x"}, mysql(corev1.Container{}, Environment{Now: benchStart, Vars: map[string]string{"MYSQL_ROOT_PASSWORD": "x"}})},
		"postgres, trust":     {corev1.Container{Image: "postgres"}, map[string]string{"POSTGRES_HOST_AUTH_METHOD": "trust"}, serves(200*time.Millisecond, "LOG:  database system is ready to accept connections")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, run(test.container, Environment{Now: benchStart, Vars: test.vars}))
		})
	}
}

func TestUnknownProgramsEndIfAwaited(t *testing.T) {
	env := Environment{Awaited: true}
	require.Equal(t, exits(time.Second, 0), run(corev1.Container{Image: "example.com/migrate:v1"}, env))
	require.Equal(t, exits(time.Second, 0), run(corev1.Container{Image: "example.com/app:v1", Command: []string{"/copy", "/plugins"}}, env))
	require.Equal(t, Never, run(corev1.Container{Image: "nginx"}, env).ExitsAfter, "a known server does not end")
}

func TestDatabasesWantPasswords(t *testing.T) {
	for image, line := range map[string]string{
		"mysql":    "2026-01-01 00:00:00+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
		"mariadb":  "2026-01-01 00:00:00+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
		"postgres": "Error: Database is uninitialized and superuser password is not specified.",
	} {
		r := run(corev1.Container{Image: image}, Environment{Now: benchStart})
		require.EqualValues(t, 1, r.ExitCode, image)
		require.Contains(t, r.Logs, line)
		require.NotEqual(t, Never, r.ExitsAfter)
	}
}

func TestParseImage(t *testing.T) {
	digest := "sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for name, want := range map[string]string{
		"nginx":                          "docker.io/library/nginx:latest",
		"nginx:1.22":                     "docker.io/library/nginx:1.22",
		"docker/getting-started":         "docker.io/docker/getting-started:latest",
		"gcr.io/google-samples/app:1.0":  "gcr.io/google-samples/app:1.0",
		"localhost/app":                  "localhost/app:latest",
		"registry:5000/team/app":         "registry:5000/team/app:latest",
		"nginx@" + digest:                "docker.io/library/nginx@" + digest,
		"nginx:1.22@" + digest:           "docker.io/library/nginx:1.22@" + digest,
		"docker.io/library/nginx:V1_a-b": "docker.io/library/nginx:V1_a-b",
	} {
		img, err := parseImage(name)
		require.NoError(t, err, name)
		require.Equal(t, want, img.String())
	}
	for name, problem := range map[string]string{
		"":             `couldn't parse image name "": invalid reference format`,
		"nginx:":       `couldn't parse image name "nginx:": invalid reference format`,
		"nginx:a b":    `couldn't parse image name "nginx:a b": invalid reference format`,
		"-nginx":       `couldn't parse image name "-nginx": invalid reference format`,
		"nginx@sha256": `couldn't parse image name "nginx@sha256": invalid reference format`,
		"a//b":         `couldn't parse image name "a//b": invalid reference format`,
		"Nginx":        `couldn't parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase`,
	} {
		_, err := parseImage(name)
		require.EqualError(t, err, problem)
	}
}

func TestPullErrors(t *testing.T) {
	for name, fails := range map[string]bool{
		"nginx":                     false,
		"example.com/anything:v9":   false,
		"nosuchimage":               true,
		"team/nosuch-app:v1":        true,
		"nonexistent/app":           false,
		"nginx:doesnotexist":        true,
		"nginx:nonexistent-1":       true,
		"registry.invalid/app:1":    true,
		"registry.invalid:5000/app": false,
		"invalid.example.com/app":   true,
		"webserver:404":             true,

		"some-image-that-doesnt-exist": true,
		"team/app:non-existent":        true,
		"suchimage":                    false,
		"webserver:v404":               false,
	} {
		img, err := parseImage(name)
		require.NoError(t, err)
		require.Equal(t, fails, img.pullError() != "", "%s: %s", name, img.pullError())
	}
}

func TestPullTimes(t *testing.T) {
	for _, name := range []string{"busybox", "nginx", "mysql", "example.com/unknown", "library/mongo"} {
		img, err := parseImage(name)
		require.NoError(t, err)
		require.GreaterOrEqual(t, img.pullTime(), time.Second, name)
		require.LessOrEqual(t, img.pullTime(), 4*time.Second, name)
		require.Positive(t, img.size())
	}
}

func TestExpandReferences(t *testing.T) {
	vars := map[string]string{"A": "1", "B": ""}
	for in, want := range map[string]string{
		"":            "",
		"plain":       "plain",
		"$(A)-$(A)":   "1-1",
		"[$(B)]":      "[]",
		"$(UNKNOWN)":  "$(UNKNOWN)",
		"$$(A)":       "$(A)",
		"$A and $(A":  "$A and $(A",
		"costs 5$":    "costs 5$",
		"$$$(A) $$$$": "$1 $$",
	} {
		require.Equal(t, want, expandReferences(in, known(vars)), in)
	}
}
