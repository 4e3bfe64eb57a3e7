package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/minik8s/minik8s/control"
)

// spawn starts the process that serves the cluster and waits until it is ready.
func spawn(h home, o order) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	logFile, err := os.OpenFile(h.path("log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer logFile.Close()
	c := exec.Command(program, serveCommand, string(text))
	c.Args[0] = os.Args[0] // the name decides whether we are kubectl
	c.Dir, c.Stderr, c.SysProcAttr = h.dir, logFile, detached()
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting the cluster's process: %w", err)
	}
	var r reply
	line, _ := bufio.NewReader(out).ReadBytes('\n')
	if json.Unmarshal(line, &r) == nil && r.Ready {
		return c.Process.Release()
	}
	_ = c.Wait() // the reason is in the reply, or in the log
	if r.Error != "" {
		return errors.New(r.Error)
	}
	return fmt.Errorf("the cluster's process died while it started; its last words are in %s", h.path("log"))
}

// ask connects with the cluster's own admin.conf: only the real one has the
// key that goes with it. A process that has just been started gets some time.
func (h home) ask(f func(context.Context, *control.Client) (control.State, error)) (state control.State, err error) {
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if h.record() != nil {
			break
		}
		if !h.running() || time.Now().After(deadline) {
			return state, errors.New("it has not written down where it serves")
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", h.path("admin.conf"))
	if err != nil {
		return state, err
	}
	config.Timeout = 3 * time.Second
	c, err := control.NewClient(config)
	if err != nil {
		return state, err
	}
	return f(context.Background(), c)
}

// stopPatience is how long a process may take to end.
const stopPatience = 5 * time.Second

// stopProcess asks the cluster's process to end. If it does not answer, it is
// killed: the lock shows that the process which wrote the record still lives.
func (h home) stopProcess() error {
	_, err := h.ask(func(ctx context.Context, c *control.Client) (control.State, error) { return c.Stop(ctx) })
	if err == nil && h.ended(stopPatience) {
		return nil
	}
	record := h.record()
	if record == nil {
		if h.ended(0) {
			return nil
		}
		return fmt.Errorf("a process holds %s but has not written down which it is", h.path("lock"))
	}
	process, err := os.FindProcess(record.PID)
	if err != nil {
		return err
	}
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending process %d: %w", record.PID, err)
	}
	if !h.ended(stopPatience) {
		return fmt.Errorf("process %d does not end", record.PID)
	}
	return nil
}

// ended waits until the cluster's process has ended.
func (h home) ended(patience time.Duration) bool {
	for deadline := time.Now().Add(patience); h.running(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
