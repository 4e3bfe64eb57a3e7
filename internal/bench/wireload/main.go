package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// sizes are how much of everything there is. Zero leaves a measurement out.
type sizes struct {
	objects  int // ConfigMaps that are created, updated and listed
	workers  int // that write at the same time
	watchers int // on one object
	idle     int // watchers that see nothing
	pods     int // in the Table
	lists    int // how often each list is asked for; the median counts
	fanOut   time.Duration
}

// load is one run against one cluster.
type load struct {
	sizes
	client    *kubernetes.Clientset
	config    *rest.Config
	server    process
	kubectl   string
	namespace string
	report    report
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "wireload:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	l, err := newLoad(args)
	if err != nil {
		return err
	}
	err = l.within(ctx, l.measure)
	return errors.Join(err, l.report.print(os.Stdout))
}

func newLoad(args []string) (*load, error) {
	l := &load{}
	flags := flag.NewFlagSet("wireload", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig of the cluster (default: as kubectl finds it)")
	flags.IntVar(&l.server.pid, "pid", 0, "process id of the API server, if it runs on this machine")
	flags.StringVar(&l.kubectl, "kubectl", "", "a kubectl to time \"get pods -A\" with")
	flags.IntVar(&l.objects, "objects", 10_000, "ConfigMaps to create, update and list")
	flags.IntVar(&l.workers, "workers", 16, "concurrent writers")
	flags.IntVar(&l.watchers, "watchers", 100, "watchers of one object that is updated flat out")
	flags.IntVar(&l.idle, "idle", 1_000, "watchers that see nothing")
	flags.IntVar(&l.pods, "pods", 1_000, "Pods in the Table")
	flags.IntVar(&l.lists, "lists", 9, "how often each list is asked for")
	flags.DurationVar(&l.fanOut, "fan-out", 3*time.Second, "how long the one object is updated")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = *kubeconfig
	var err error
	if l.config, err = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig(); err != nil {
		return nil, err
	}
	l.config.QPS = -1 // no rate limit on our side
	l.config.ContentType, l.config.AcceptContentTypes = "application/json", "application/json"
	l.config.UserAgent = "wireload"
	l.client, err = kubernetes.NewForConfig(l.config)
	return l, err
}

// within calls f in a namespace that is there for its time.
func (l *load) within(ctx context.Context, f func(context.Context) error) (err error) {
	namespaces := l.client.CoreV1().Namespaces()
	made, err := namespaces.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "wireload-"}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("making a namespace: %w", err)
	}
	l.namespace = made.Name
	defer func() {
		// Also after an interruption.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if gone := namespaces.Delete(last, l.namespace, metav1.DeleteOptions{}); gone != nil {
			err = errors.Join(err, fmt.Errorf("deleting the namespace %s: %w", l.namespace, gone))
		}
	}()
	return f(ctx)
}

func (l *load) measure(ctx context.Context) error {
	steps := []struct {
		size int
		do   func(context.Context) error
	}{{l.objects, l.writes}, {min(l.objects, l.lists), l.listing}, {l.watchers, l.fanningOut}, {l.idle, l.idling}, {min(l.pods, l.lists), l.tables}}
	for _, step := range steps {
		if step.size <= 0 {
			continue
		}
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	return nil
}
