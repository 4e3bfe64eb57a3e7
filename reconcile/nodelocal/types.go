// Package nodelocal holds the simulator's own API types: what a machine is
// and what its container runtime and its packet filter know. On a real node
// this state lives in containerd and in nftables; here it is rows beside the
// API objects, written through the same door, so that a fork, a replay or a
// crash treats it like everything else.
//
// Keys: a Machine has only a name. Everything that lives on a machine has the
// machine's name for a namespace.
//
// Read next: kubeletsim for who writes Sandboxes, proxysim for ProxyRules.
package nodelocal

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Group is the API group of the simulator's own kinds.
const Group = "sim.minik8s.io"

// GroupVersion is their only version.
var GroupVersion = schema.GroupVersion{Group: Group, Version: "v1"}

// Machine is a simulated computer on which one kubelet, one container runtime
// and one kube-proxy run. It stands for the hardware: the Node object is what
// the kubelet reports of it.
type Machine struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   MachineSpec   `json:"spec,omitempty"`
	Status MachineStatus `json:"status,omitempty"`
}

// MachineSpec is what was bought and plugged in.
type MachineSpec struct {
	// Capacity holds cpu, memory, pods and ephemeral-storage.
	Capacity corev1.ResourceList `json:"capacity,omitempty"`
	// Labels and Taints are what the kubelet registers its Node with.
	Labels map[string]string `json:"labels,omitempty"`
	Taints []corev1.Taint    `json:"taints,omitempty"`
	// InternalIP is the machine's address; PodCIDR the range its Pods get theirs from.
	InternalIP string `json:"internalIP,omitempty"`
	PodCIDR    string `json:"podCIDR,omitempty"`
}

// MachineStatus is the container runtime's own knowledge.
type MachineStatus struct {
	// Images that are on the machine's disk, in order of arrival.
	Images []corev1.ContainerImage `json:"images,omitempty"`
}

// Sandbox is one Pod as the container runtime sees it: a network namespace
// with an address, and containers in it. Its name is the Pod's UID. Its times
// are MicroTimes because a runtime works within fractions of a second.
type Sandbox struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Pod names the Pod that the sandbox was made for.
	PodNamespace string `json:"podNamespace,omitempty"`
	PodName      string `json:"podName,omitempty"`
	// IP is allocated from the machine's PodCIDR when the sandbox is created
	// (by the API layer, as a Service's cluster IP is), unless HostNetwork.
	IP          string `json:"ip,omitempty"`
	HostNetwork bool   `json:"hostNetwork,omitempty"`
	// Allocated is what the kubelet has promised the Pod, nil for a Pod that
	// asks for nothing.
	Allocated *Allocation `json:"allocated,omitempty"`
	// StoppingSince is when the sandbox's containers were told to stop, or
	// when the last of them ended for good. Nothing starts after that.
	StoppingSince *metav1.MicroTime `json:"stoppingSince,omitempty"`
	// Pulls are image pulls under way, failed or done, one for each container.
	Pulls []ImagePull `json:"pulls,omitempty"`
	// Containers are those created so far, in the order of their creation.
	Containers []Container `json:"containers,omitempty"`
}

// Allocation is the resources that a Pod was promised: those that it asked for
// when it came, and later those of its newest resize that there was room for.
// They belong to a Pod and are as frozen as that.
type Allocation struct {
	Pod        *corev1.ResourceRequirements `json:"pod,omitempty"` // of the Pod as a whole
	Containers []ContainerAllocation        `json:"containers,omitempty"`
}

// ContainerAllocation is the part of a container that asks for something.
type ContainerAllocation struct {
	Name      string                       `json:"name"`
	Resources *corev1.ResourceRequirements `json:"resources"`
}

// ImagePull is the newest pull of an image for one container.
type ImagePull struct {
	Container string           `json:"container"`
	Image     string           `json:"image"`
	Started   metav1.MicroTime `json:"started"`
	// Done is when the pull ends; Error is how, empty for success. Both are
	// known from the start and hold from Done on.
	Done  metav1.MicroTime `json:"done"`
	Error string           `json:"error,omitempty"`
	// Failures counts the failed pulls in a row, this one included, for the back-off.
	Failures int `json:"failures,omitempty"`
}

// ContainerState is the life of one container instance.
type ContainerState string

// The states that the runtime knows, as in CRI.
const (
	ContainerCreated ContainerState = "CONTAINER_CREATED"
	ContainerRunning ContainerState = "CONTAINER_RUNNING"
	ContainerExited  ContainerState = "CONTAINER_EXITED"
)

// Container is the newest instance of one container of the Pod, and the one
// before it.
type Container struct {
	Name    string           `json:"name"`
	ID      string           `json:"id"` // 64 hex digits; statuses show "containerd://<id>"
	Image   string           `json:"image"`
	ImageID string           `json:"imageID,omitempty"`
	Attempt int              `json:"attempt"` // how often it was restarted
	State   ContainerState   `json:"state"`
	Started metav1.MicroTime `json:"started,omitzero"`
	// Exits is when the running program will end, by itself or because it is
	// Stopping (was told to); zero means never. ExitCode is how, known from the start.
	Exits    metav1.MicroTime `json:"exits,omitzero"`
	Stopping bool             `json:"stopping,omitempty"`
	Finished metav1.MicroTime `json:"finished,omitzero"`
	ExitCode int32            `json:"exitCode,omitempty"`
	Reason   string           `json:"reason,omitempty"` // Completed, Error, OOMKilled …
	Message  string           `json:"message,omitempty"`
	// StopsAfter is what the program needs to end after a SIGTERM. It is
	// negative for a program that ignores the signal.
	StopsAfter metav1.Duration `json:"stopsAfter,omitzero"`
	// Resources are those that the instance runs with, nil for none. They belong
	// to a Pod and are as frozen as that.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
	// PodLimits are the limits of the whole Pod that held for the instance,
	// frozen likewise.
	PodLimits corev1.ResourceList `json:"podLimits,omitempty"`
	// BackOff is how long after this instance's end the next one must wait.
	BackOff metav1.Duration `json:"backOff,omitzero"`
	// Log is what the program has written.
	Log []LogLine `json:"log,omitempty"`
	// Files are those that the program makes and removes, in the order of time,
	// known from the start.
	Files []FileChange `json:"files,omitempty"`
	// Last is how the previous instance ended.
	Last *Container `json:"last,omitempty"`
}

// LogLine is one line of a container's output.
type LogLine struct {
	Time metav1.MicroTime `json:"time"`
	Text string           `json:"text"`
}

// FileChange is a file that comes to be, or is removed, at a moment.
type FileChange struct {
	Time    metav1.MicroTime `json:"time"`
	Path    string           `json:"path"`
	Removed bool             `json:"removed,omitempty"`
}

// ProxyRules is what kube-proxy has programmed on one machine for one Service.
// Its name is "<service namespace>.<service name>".
type ProxyRules struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Service string `json:"service"` // namespace/name
	// Synced is when the rules were last programmed.
	Synced          metav1.MicroTime `json:"synced,omitzero"`
	SessionAffinity string           `json:"sessionAffinity,omitempty"`
	AffinitySeconds int32            `json:"affinitySeconds,omitempty"`
	Ports           []ProxyPort      `json:"ports,omitempty"`
}

// ProxyPort is one port of a Service: where it can be reached, and who answers.
type ProxyPort struct {
	Name            string          `json:"name,omitempty"`
	Protocol        corev1.Protocol `json:"protocol"`
	ClusterIPs      []string        `json:"clusterIPs,omitempty"`
	Port            int32           `json:"port"`
	NodePort        int32           `json:"nodePort,omitempty"`
	ExternalIPs     []string        `json:"externalIPs,omitempty"`
	LoadBalancerIPs []string        `json:"loadBalancerIPs,omitempty"`
	// Endpoints are the usable ones of the whole cluster.
	Endpoints []ProxyEndpoint `json:"endpoints,omitempty"`
	// InternalLocal and ExternalLocal say that traffic to cluster IPs, or to
	// node ports and external addresses, goes to LocalEndpoints only: the
	// usable ones on this machine. They are not filled in otherwise.
	InternalLocal  bool            `json:"internalLocal,omitempty"`
	ExternalLocal  bool            `json:"externalLocal,omitempty"`
	LocalEndpoints []ProxyEndpoint `json:"localEndpoints,omitempty"`
}

// ProxyEndpoint is an address that a connection may be sent to.
type ProxyEndpoint struct {
	IP   string `json:"ip"`
	Port int32  `json:"port"`
	// Pod is "namespace/name" of the Pod behind it, if there is one.
	Pod string `json:"pod,omitempty"`
}
