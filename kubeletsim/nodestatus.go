package kubeletsim

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// KubeletVersion is the version of Kubernetes that the kubelets report.
const KubeletVersion = "v1.37.2"

// nodeLabels are the kubelet's own and the machine's, which win.
func nodeLabels(m *nodelocal.Machine) map[string]string {
	labels := map[string]string{
		corev1.LabelHostname:      m.Name,
		corev1.LabelOSStable:      "linux",
		corev1.LabelArchStable:    "amd64",
		"beta.kubernetes.io/os":   "linux",
		"beta.kubernetes.io/arch": "amd64",
	}
	maps.Copy(labels, m.Spec.Labels)
	return labels
}

// nodeStatus is what the kubelet reports at a time. node is nil before it is
// registered; what others have put into its status is kept.
//
// Upstream: pkg/kubelet/nodestatus, without reserved resources, pressure, swap, devices and runtime handlers.
func nodeStatus(node *corev1.Node, m *nodelocal.Machine, images []corev1.ContainerImage, at time.Time) corev1.NodeStatus {
	var s corev1.NodeStatus
	if node != nil {
		s = *node.Status.DeepCopy()
	}
	if s.Capacity == nil {
		s.Capacity = corev1.ResourceList{}
	}
	maps.Copy(s.Capacity, m.Spec.Capacity.DeepCopy()) // what else there is, an administrator has advertised
	s.Allocatable = s.Capacity.DeepCopy()
	s.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: m.Spec.InternalIP},
		{Type: corev1.NodeHostName, Address: m.Name},
	}
	s.DaemonEndpoints.KubeletEndpoint.Port = 10250
	s.NodeInfo = nodeInfo(m.Name)
	s.Images = reportedImages(images)
	s.Features = &corev1.NodeFeatures{SupplementalGroupsPolicy: ptr.To(true)}
	s.DeclaredFeatures = slices.Clone(declaredFeatures)
	s.Conditions = nodeConditions(s.Conditions, node != nil, at)
	return s
}

func nodeInfo(name string) corev1.NodeSystemInfo {
	return corev1.NodeSystemInfo{
		MachineID:               hexID("machine", name),
		SystemUUID:              uuid(hexID("system", name)),
		BootID:                  uuid(hexID("boot", name)),
		KernelVersion:           "6.12.0",
		OSImage:                 "minik8s simulated machine",
		ContainerRuntimeVersion: "containerd://2.2.0",
		KubeletVersion:          KubeletVersion,
		OperatingSystem:         "linux",
		Architecture:            "amd64",
	}
}

// hexID is 32 hex digits that are always the same for a machine.
func hexID(what, name string) string {
	sum := sha256.Sum256([]byte(what + "/" + name))
	return hex.EncodeToString(sum[:16])
}

func uuid(s string) string {
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// nodeConditions puts the kubelet's conditions in place of their last versions.
func nodeConditions(old []corev1.NodeCondition, networkReady bool, at time.Time) []corev1.NodeCondition {
	own := []corev1.NodeCondition{
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory", Message: "kubelet has sufficient memory available"},
		{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure", Message: "kubelet has no disk pressure"},
		{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientPID", Message: "kubelet has sufficient PID available"},
		{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status"},
	}
	if !networkReady {
		own[3].Status, own[3].Reason = corev1.ConditionFalse, "KubeletNotReady"
		own[3].Message = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
	}
	all := slices.Clone(old)
	for _, c := range own {
		c.LastHeartbeatTime, c.LastTransitionTime = seconds(at), seconds(at)
		i := slices.IndexFunc(all, func(o corev1.NodeCondition) bool { return o.Type == c.Type })
		if i < 0 {
			all = append(all, c)
			continue
		}
		if all[i].Status == c.Status {
			c.LastTransitionTime = all[i].LastTransitionTime
		}
		all[i] = c
	}
	return all
}

// maxImages is how many images a Node lists at the most.
const maxImages = 50

// reportedImages are the machine's biggest images, the biggest first.
func reportedImages(images []corev1.ContainerImage) []corev1.ContainerImage {
	sorted := slices.Clone(images)
	slices.SortStableFunc(sorted, func(a, b corev1.ContainerImage) int { return int(b.SizeBytes - a.SizeBytes) })
	return sorted[:min(len(sorted), maxImages)]
}
