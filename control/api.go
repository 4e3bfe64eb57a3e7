package control

import (
	"time"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/trace"
)

// Prefix is where the API is mounted.
const Prefix = "/minik8s/v1/"

// State is how a cluster is.
type State struct {
	Name string `json:"name,omitempty"`
	PID  int    `json:"pid,omitempty"`

	Paused bool `json:"paused"`
	// Speed is virtual seconds per second; zero is as fast as it goes.
	Speed float64 `json:"speed"`
	// Now is the virtual time; Tick, Turn and Revision are the newest.
	Now      time.Time `json:"now"`
	Tick     int64     `json:"tick"`
	Turn     int64     `json:"turn"`
	Revision int64     `json:"revision"`
	// Failed is why the clock has stopped for good, if it has.
	Failed string `json:"failed,omitempty"`

	Nodes      int `json:"nodes"`
	NodesReady int `json:"nodesReady"`
	// Pods are counted by phase.
	Pods map[string]int `json:"pods,omitempty"`
}

// Work is a key that is to have a turn.
type Work struct {
	Component string    `json:"component"`
	Key       string    `json:"key"`
	Due       time.Time `json:"due"`
	Attempt   int       `json:"attempt,omitempty"`
	LastErr   string    `json:"lastError,omitempty"`
	// Cause is the revision that woke the key, or zero.
	Cause int64  `json:"cause,omitempty"`
	Why   string `json:"why,omitempty"`
	// Background work never ends, so settle does not wait for it.
	Background bool `json:"background,omitempty"`
}

// Queue is all work, soonest first, and the virtual time to compare with.
type Queue struct {
	Now  time.Time `json:"now"`
	Work []Work    `json:"work"`
}

// Move is what became of a request to move the clock.
type Move struct {
	// Turns are told in full by step and tick; settle and advance, which may
	// run many, only count them.
	Turns []*trace.Turn `json:"turns,omitempty"`
	Count int           `json:"count"`
	// Since is the number of the last turn before the move.
	Since int64 `json:"since"`
	// Before and After are the virtual time and tick on either side.
	Before Instant `json:"before"`
	After  Instant `json:"after"`
	// Incomplete says why the move ended early, if it did.
	Incomplete string `json:"incomplete,omitempty"`
}

// Instant is a point on the virtual clock.
type Instant struct {
	Time time.Time `json:"time"`
	Tick int64     `json:"tick"`
}

// Object names an object as kubectl's users do.
type Object struct {
	// Kind is a resource, kind or short name, with its group if need be:
	// "pods", "Deployment", "po", "deployments.apps".
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Namespace is disregarded for kinds that have none.
	Namespace string `json:"namespace,omitempty"`
}

// Past chooses turns of the past.
type Past struct {
	// Since leaves out the turns up to this number.
	Since int64
	// Limit keeps only the newest that many. Zero means all.
	Limit int
	// Object, if set, keeps the turns that wrote it.
	Object *Object
	// Follow goes on with new turns as they come.
	Follow bool
}

// NodeRules is what kube-proxy has programmed on one node.
type NodeRules struct {
	Node  string                  `json:"node"`
	Rules []*nodelocal.ProxyRules `json:"rules"`
}

// Error is a refusal.
type Error struct {
	Status  int    `json:"-"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Message }
