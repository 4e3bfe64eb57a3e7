package kubeletsim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// nginx serves; its image's entrypoint says two lines first.
func nginx(corev1.Container, Environment) Run {
	return serves(100*time.Millisecond,
		"/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
		"/docker-entrypoint.sh: Configuration complete; ready for start up")
}

// shell is an interactive shell. Without a terminal or an open standard input
// it reads the end of its input at once, and leaves.
func shell(c corev1.Container, _ Environment) Run {
	if c.TTY || c.Stdin {
		return idles()
	}
	return exits(0, 0)
}

// mysql is the image's entrypoint, which insists on being told about the root
// password.
func mysql(_ corev1.Container, env Environment) Run {
	stamp := env.Now.UTC().Format("2006-01-02 15:04:05-07:00")
	started := stamp + " [Note] [Entrypoint]: Entrypoint script for MySQL Server started."
	if !anySet(env, "MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD") {
		return exits(300*time.Millisecond, 1, started,
			stamp+" [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
			"    You need to specify one of the following as an environment variable:",
			"    - MYSQL_ROOT_PASSWORD",
			"    - MYSQL_ALLOW_EMPTY_PASSWORD",
			"    - MYSQL_RANDOM_ROOT_PASSWORD")
	}
	return serves(time.Second, started,
		stamp+" [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.")
}

func mariadb(_ corev1.Container, env Environment) Run {
	stamp := env.Now.UTC().Format("2006-01-02 15:04:05-07:00")
	if !anySet(env, "MARIADB_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD_HASH", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD",
		"MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD") {
		return exits(300*time.Millisecond, 1,
			stamp+" [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
			"\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD")
	}
	return serves(time.Second, "mariadbd: ready for connections.")
}

func postgres(_ corev1.Container, env Environment) Run {
	if !anySet(env, "POSTGRES_PASSWORD") && env.Vars["POSTGRES_HOST_AUTH_METHOD"] != "trust" {
		return exits(300*time.Millisecond, 1,
			"Error: Database is uninitialized and superuser password is not specified.",
			"       You must specify POSTGRES_PASSWORD to a non-empty value for the",
			"       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".")
	}
	return serves(200*time.Millisecond, "LOG:  database system is ready to accept connections")
}

func anySet(env Environment, names ...string) bool {
	for _, name := range names {
		if env.Vars[name] != "" {
			return true
		}
	}
	return false
}
