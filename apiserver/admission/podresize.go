package admission

import (
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/component-helpers/nodedeclaredfeatures"
	"k8s.io/component-helpers/nodedeclaredfeatures/types"
	podresources "k8s.io/component-helpers/resource"
)

// serverVersion is the Kubernetes that features are asked for in.
var serverVersion = version.MustParseGeneric("1.37.2")

// nodeDeclaredFeatureValidator refuses a change of a bound Pod that needs what
// its kubelet has not declared that it can do.
//
// Upstream: plugin/pkg/admission/nodedeclaredfeatures, without devices that stand for a node's own resources, whose gate is off.
func nodeDeclaredFeatureValidator() Plugin {
	return Plugin{Name: "NodeDeclaredFeatureValidator", For: []schema.GroupResource{pods}, Validate: func(a *Attributes) error {
		if a.Subresource != "" && a.Subresource != "resize" {
			return nil
		}
		pod, old := a.changedOnNode()
		if pod == nil {
			return nil
		}
		features := nodedeclaredfeatures.DefaultFramework
		needs, err := features.InferForPodUpdate(
			&types.PodInfo{Spec: &old.Spec, Status: &old.Status}, &types.PodInfo{Spec: &pod.Spec, Status: &pod.Status}, serverVersion)
		if err != nil {
			return a.refuse("failed to infer pod capability requirements: %w", err)
		}
		if needs.IsEmpty() {
			return nil
		}
		node, err := a.nodeOfPod(pod)
		if err != nil {
			return err
		}
		result, err := features.MatchNode(needs, node)
		switch {
		case err != nil:
			return a.refuse("failed to match pod requirements against node %q: %w", node.Name, err)
		case !result.IsMatch:
			return a.refuse("pod update requires features %s which are not available on node %q", strings.Join(result.UnsatisfiedRequirements, ", "), node.Name)
		}
		return nil
	}}
}

// podResizeValidator refuses to make a Pod larger than its node.
//
// Upstream: plugin/pkg/admission/podresize.
func podResizeValidator() Plugin {
	return Plugin{Name: "PodResizeValidator", For: []schema.GroupResource{pods}, Validate: func(a *Attributes) error {
		if a.Subresource != "resize" {
			return nil
		}
		pod, _ := a.changedOnNode()
		if pod == nil {
			return nil
		}
		node, err := a.nodeOfPod(pod)
		if err != nil {
			return err
		}
		if system, ok := node.Labels[corev1.LabelOSStable]; ok && system != "linux" {
			return a.refuseResize("UnsupportedPlatform", fmt.Errorf("pod resize is only supported on linux nodes, node %q is %q", node.Name, system))
		}
		if err := fits(pod, node.Status.Allocatable); err != nil {
			return a.refuseResize("NodeCapacity", err)
		}
		return nil
	}}
}

// changedOnNode is the Pod of an update that changes the spec of a bound Pod,
// and what it was.
func (a *Attributes) changedOnNode() (pod, old *corev1.Pod) {
	if a.Operation != Update {
		return nil, nil
	}
	pod, old = a.Object.(*corev1.Pod), a.OldObject.(*corev1.Pod)
	if pod.Spec.NodeName == "" || pod.Generation == old.Generation {
		return nil, nil
	}
	return pod, old
}

func (a *Attributes) nodeOfPod(pod *corev1.Pod) (*corev1.Node, error) {
	node, ok := a.Get(nodes, "", pod.Spec.NodeName).(*corev1.Node)
	if !ok {
		return nil, a.refuse("node %q not found", pod.Spec.NodeName)
	}
	return node, nil
}

// refuseResize is Forbidden with a cause by which clients tell why.
func (a *Attributes) refuseResize(cause metav1.CauseType, why error) error {
	refusal := a.Forbidden(why)
	var status *apierrors.StatusError
	if errors.As(refusal, &status) {
		status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{Type: cause})
	}
	return refusal
}

func fits(pod *corev1.Pod, allocatable corev1.ResourceList) error {
	requests := podresources.PodRequests(pod, podresources.PodResourcesOptions{})
	var short []string
	if want, have := requests.Cpu(), allocatable.Cpu(); want.Cmp(*have) > 0 {
		short = append(short, fmt.Sprintf("cpu, requested: %d, allocatable: %d", want.MilliValue(), have.MilliValue()))
	}
	if want, have := requests.Memory(), allocatable.Memory(); want.Cmp(*have) > 0 {
		short = append(short, fmt.Sprintf("memory, requested: %d, allocatable: %d", want.Value(), have.Value()))
	}
	if len(short) == 0 {
		return nil
	}
	return fmt.Errorf("node didn't have enough allocatable resources: %s", strings.Join(short, "; "))
}
