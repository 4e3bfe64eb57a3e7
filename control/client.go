package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/scheduler"
	"github.com/minik8s/minik8s/trace"
)

// Client talks to a cluster's Mount. Its methods return an *Error when the
// cluster refuses.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client for the cluster that a REST configuration
// reaches, with the same credentials.
func NewClient(config *rest.Config) (*Client, error) {
	c, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	host := config.Host
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	return &Client{base: strings.TrimSuffix(host, "/") + Prefix, http: c}, nil
}

// State asks how the cluster is.
func (c *Client) State(ctx context.Context) (State, error) { return get[State](ctx, c, "state", nil) }

// Pause stops the clock.
func (c *Client) Pause(ctx context.Context) (State, error) {
	return post[State](ctx, c, "pause", struct{}{})
}

// Resume lets the clock go on.
func (c *Client) Resume(ctx context.Context) (State, error) {
	return post[State](ctx, c, "resume", struct{}{})
}

// Speed sets virtual seconds per second; zero is as fast as it goes.
func (c *Client) Speed(ctx context.Context, speed float64) (State, error) {
	return post[State](ctx, c, "speed", speedRequest{speed})
}

// Step runs n turns. The clock must stand.
func (c *Client) Step(ctx context.Context, n int) (Move, error) {
	return post[Move](ctx, c, "step", stepRequest{N: n})
}

// Plan says what the next step would do.
func (c *Client) Plan(ctx context.Context) (Move, error) {
	return post[Move](ctx, c, "step", stepRequest{DryRun: true})
}

// Tick runs n ticks. The clock must stand.
func (c *Client) Tick(ctx context.Context, n int) (Move, error) {
	return post[Move](ctx, c, "tick", stepRequest{N: n})
}

// Settle runs the cluster until only background work is left, for at most
// limit of virtual time; Move.Incomplete says if that was not enough.
func (c *Client) Settle(ctx context.Context, limit time.Duration) (Move, error) {
	return post[Move](ctx, c, "settle", durationRequest{limit})
}

// Advance moves the clock by d.
func (c *Client) Advance(ctx context.Context, d time.Duration) (Move, error) {
	return post[Move](ctx, c, "advance", durationRequest{d})
}

// Work lists what is due and when.
func (c *Client) Work(ctx context.Context) (Queue, error) { return get[Queue](ctx, c, "work", nil) }

// Why walks back from an object to the command that caused it.
func (c *Client) Why(ctx context.Context, o Object) ([]trace.Link, error) {
	return get[[]trace.Link](ctx, c, "why", o.query())
}

// History lists the revisions of an object.
func (c *Client) History(ctx context.Context, o Object) ([]trace.Revision, error) {
	return get[[]trace.Revision](ctx, c, "history", o.query())
}

// WhyScheduled explains where a Pod was put, or would be.
func (c *Client) WhyScheduled(ctx context.Context, o Object) (scheduler.Explanation, error) {
	return get[scheduler.Explanation](ctx, c, "why-scheduled", o.query())
}

// ProxyRules lists what kube-proxy has programmed on a node, or on all of
// them if node is empty.
func (c *Client) ProxyRules(ctx context.Context, node string) ([]NodeRules, error) {
	return get[[]NodeRules](ctx, c, "proxy-rules", url.Values{"node": {node}})
}

// Stop ends the cluster's process and returns how it was.
func (c *Client) Stop(ctx context.Context) (State, error) {
	return post[State](ctx, c, "stop", struct{}{})
}

// Trace calls f for each turn, oldest first, until f returns an error, the
// past is told, or, if it is followed, ctx is done.
func (c *Client) Trace(ctx context.Context, p Past, f func(*trace.Turn) error) error {
	query := url.Values{}
	if p.Object != nil {
		query = p.Object.query()
	}
	query.Set("since", strconv.FormatInt(p.Since, 10))
	query.Set("limit", strconv.Itoa(p.Limit))
	query.Set("follow", strconv.FormatBool(p.Follow))
	response, err := c.do(ctx, http.MethodGet, "trace", query, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for lines := json.NewDecoder(response.Body); ; {
		var t trace.Turn
		err := lines.Decode(&t)
		switch {
		case errors.Is(err, io.EOF), err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("reading the trace: %w", err)
		}
		if err := f(&t); err != nil {
			return err
		}
	}
}

func (o Object) query() url.Values {
	return url.Values{"kind": {o.Kind}, "name": {o.Name}, "namespace": {o.Namespace}}
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	return call[T](ctx, c, http.MethodGet, path, query, nil)
}

func post[T any](ctx context.Context, c *Client, path string, request any) (T, error) {
	return call[T](ctx, c, http.MethodPost, path, nil, request)
}

func call[T any](ctx context.Context, c *Client, method, path string, query url.Values, request any) (v T, err error) {
	response, err := c.do(ctx, method, path, query, request)
	if err != nil {
		return v, err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&v); err != nil {
		return v, fmt.Errorf("reading the answer to %s: %w", path, err)
	}
	return v, nil
}

// do sends a request and turns a refusal into an error.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, request any) (*http.Response, error) {
	var content io.Reader
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer response.Body.Close()
	return nil, refusal(response)
}

// refusal reads what was wrong. A server that is not ours does not say it in
// our way: a real one sends a metav1.Status or plain text.
func refusal(response *http.Response) error {
	var answer struct {
		Kind, Message string
	}
	err := json.NewDecoder(response.Body).Decode(&answer)
	switch {
	case err == nil && answer.Kind == "" && answer.Message != "":
		return &Error{Status: response.StatusCode, Message: answer.Message}
	case response.StatusCode == http.StatusNotFound, answer.Kind == "Status":
		return &Error{Status: response.StatusCode, Message: "this cluster is not a simulated one: it has no clock to move and no past to ask"}
	}
	return &Error{Status: response.StatusCode, Message: fmt.Sprintf("%s answered %s", response.Request.URL, response.Status)}
}
