package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// tableOf is what kubectl accepts.
const tableOf = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

// tables lists Pods as kubectl does.
func (l *load) tables(ctx context.Context) error {
	if err := l.makePods(ctx); err != nil {
		return fmt.Errorf("creating Pods: %w", err)
	}
	what := fmt.Sprintf("Table of %d Pods", l.pods)
	err := l.median(what, "", func() error {
		_, err := l.get(ctx, "/api/v1/pods?limit=500", tableOf)
		return err
	})
	if err != nil {
		return fmt.Errorf("listing Pods: %w", err)
	}
	if l.kubectl == "" {
		return nil
	}
	file, err := l.writeKubeconfig()
	if err != nil {
		return err
	}
	defer os.Remove(file)
	return l.median("  kubectl get pods -A, all in all", "< 150 ms", func() error {
		return exec.CommandContext(ctx, l.kubectl, "--kubeconfig", file, "get", "pods", "-A").Run()
	})
}

// makePods makes Pods that no scheduler looks at, so that nothing else goes
// on while they are listed.
func (l *load) makePods(ctx context.Context) error {
	pods := l.client.CoreV1().Pods(l.namespace)
	no := false
	creating, ctx := errgroup.WithContext(ctx)
	creating.SetLimit(l.workers)
	for n := range l.pods {
		creating.Go(func() error {
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod-%04d", n)},
				Spec: corev1.PodSpec{
					SchedulerName:                "wireload-nobody",
					AutomountServiceAccountToken: &no,
					Containers:                   []corev1.Container{{Name: "main", Image: "registry.k8s.io/pause:3.10"}},
				},
			}
			_, err := pods.Create(ctx, pod, metav1.CreateOptions{})
			// The namespace's ServiceAccount may take a moment.
			for deadline := time.Now().Add(10 * time.Second); apierrors.IsForbidden(err) && time.Now().Before(deadline); {
				time.Sleep(100 * time.Millisecond)
				_, err = pods.Create(ctx, pod, metav1.CreateOptions{})
			}
			return err
		})
	}
	return creating.Wait()
}

// writeKubeconfig writes what kubectl needs to reach the same server.
func (l *load) writeKubeconfig() (string, error) {
	file, err := os.CreateTemp("", "wireload-*.conf")
	if err != nil {
		return "", err
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	tls := l.config.TLSClientConfig
	config := clientcmdapi.NewConfig()
	config.Clusters["it"] = &clientcmdapi.Cluster{
		Server: l.config.Host, CertificateAuthority: tls.CAFile, CertificateAuthorityData: tls.CAData, InsecureSkipTLSVerify: tls.Insecure,
	}
	config.AuthInfos["it"] = &clientcmdapi.AuthInfo{
		ClientCertificate: tls.CertFile, ClientCertificateData: tls.CertData,
		ClientKey: tls.KeyFile, ClientKeyData: tls.KeyData, Token: l.config.BearerToken,
	}
	config.Contexts["it"] = &clientcmdapi.Context{Cluster: "it", AuthInfo: "it"}
	config.CurrentContext = "it"
	return file.Name(), clientcmd.WriteToFile(*config, file.Name())
}
