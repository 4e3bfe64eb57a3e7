package trace

import "time"

// Revision is one row of the change log, told for a person: what was written,
// by whom, when, and why.
type Revision struct {
	Number int64     `json:"revision"`
	Tick   int64     `json:"tick"`
	Time   time.Time `json:"time"`
	// Turn numbers the component's turn, Input the request from outside, that
	// made the write; one of them is zero. See Turn.Number and Turn.Input.
	Turn  int64 `json:"turn,omitempty"`
	Input int64 `json:"input,omitempty"`

	// Actor is the API user; Component and Key say whose turn it was and are
	// empty for a request from outside.
	Actor     string `json:"actor,omitempty"`
	Component string `json:"component,omitempty"`
	Key       string `json:"key,omitempty"`
	// Cause is the revision of the change that woke the component, or zero.
	Cause int64 `json:"cause,omitempty"`

	// Verb is what became of the object: "create", "update" or "delete".
	Verb      string `json:"verb"`
	Resource  string `json:"resource"` // "pods", "deployments.apps"
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Why is the component's reason or, from outside, the command.
	Why string `json:"why,omitempty"`
	// Diff is what changed in the object; Why chains leave it out.
	Diff []string `json:"diff,omitempty"`
}

// Link is one step of the walk from an object back to the command that caused
// it. The walk goes from a change to the change that woke its author, so a
// chain of links is newest first.
type Link struct {
	Revision
	// Ends is set in the last link if the walk could not reach a command, and
	// says why: a timer woke the component, or the history was compacted.
	Ends string `json:"ends,omitempty"`
}
