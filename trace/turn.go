package trace

import "time"

// Turn is one turn of one component, or one request from outside.
type Turn struct {
	// Number counts turns and outside requests of a world from 1.
	Number int64     `json:"number"`
	Tick   int64     `json:"tick"`
	Time   time.Time `json:"time"`

	// Component is the instance that had its turn: "replicaset-controller",
	// "kubelet/node-1". It is empty for a request from outside.
	Component string `json:"component,omitempty"`
	Key       string `json:"key,omitempty"`
	Attempt   int    `json:"attempt,omitempty"`

	// Input numbers a request from outside in the journal; Command says what
	// it was, as a person would: "kubectl apply: create deployments default/web".
	Input   int64  `json:"input,omitempty"`
	Command string `json:"command,omitempty"`

	// Cause is the revision of the change that woke the component or, for a
	// timer or a retry, that woke it to the turn which asked for this one. It is
	// zero for heartbeats and starts. Woken says in words what woke it now.
	Cause int64  `json:"cause,omitempty"`
	Woken string `json:"woken,omitempty"`
	// SawRevision is the revision of the view; Newest the world's at that time.
	SawRevision int64    `json:"sawRevision,omitempty"`
	Newest      int64    `json:"newest,omitempty"`
	Saw         []string `json:"saw,omitempty"`

	Calls []Call `json:"calls,omitempty"`
	// Err is the turn's own error or that of the first refused call.
	Err string `json:"error,omitempty"`
	// After, if not zero, is when the component asked for another turn.
	After    time.Duration `json:"after,omitempty"`
	AfterWhy string        `json:"afterWhy,omitempty"`
	// Waits, if not empty, says what the turn waited for from outside when
	// something else was written. The rest of its plan is another turn.
	Waits string `json:"waits,omitempty"`
	// Planned marks a turn that was only thought through (dry run).
	Planned bool `json:"planned,omitempty"`
}

// Call is one API call of a turn and what came of it.
type Call struct {
	Verb      string `json:"verb"`
	Resource  string `json:"resource"` // "pods", "deployments.apps"
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Why       string `json:"why,omitempty"`
	// Revision is that of the write; zero if nothing was written, because the
	// call was refused (Err), changed nothing, or was dropped after a refusal.
	Revision int64  `json:"revision,omitempty"`
	Err      string `json:"error,omitempty"`
	Dropped  bool   `json:"dropped,omitempty"`
	// Diff is what the write changed, filled in when a trace is asked for.
	Diff []string `json:"diff,omitempty"`
}
