package kubeletsim

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// ensureImage says whether a container's image is there for its next start,
// after last, and begins a pull if it must.
//
// Upstream: pkg/kubelet/images (EnsureImageExists), without credentials, and with pulls in parallel: one that another Pod of the machine has begun is shared.
func (t *turn) ensureImage(spec *corev1.Container, last *nodelocal.Container) (string, outcome) {
	img, err := parseImage(spec.Image)
	if err != nil {
		message := fmt.Sprintf("Failed to apply default image tag %q: %v", spec.Image, err)
		t.wait(spec.Name, "InvalidImageName", message, warning("InspectFailed", message), warning("Failed", "Error: InvalidImageName"))
		return "", waiting
	}
	pull := t.pullOf(spec.Name)
	if pull != nil && pull.Image == spec.Image && (last == nil || !pull.Started.Time.Before(last.Finished.Time)) {
		return img.id(), t.followPull(spec, img, pull)
	}
	present := spec.ImagePullPolicy != corev1.PullAlways && t.present(img)
	switch {
	case present:
		t.tellPulled(spec, fmt.Sprintf("Container image %q already present on machine and can be accessed by the pod", spec.Image))
		return img.id(), started
	case spec.ImagePullPolicy == corev1.PullNever:
		message := fmt.Sprintf("Container image %q is not present with pull policy of Never", spec.Image)
		t.wait(spec.Name, "ErrImageNeverPull", message, warning("ErrImageNeverPull", message), warning("Failed", "Error: ErrImageNeverPull"))
		t.alarm.routine(t.now.Add(resyncPeriod), "to look for the image again")
		return "", waiting
	}
	t.beginPull(spec, img, 0)
	return "", pulling
}

// followPull says how far a container's pull is: under way, done, or failed
// and backing off before the next.
func (t *turn) followPull(spec *corev1.Container, img image, pull *nodelocal.ImagePull) outcome {
	const backingOff = "Back-off pulling image %q: ErrImagePull: %s"
	if pull.Done.After(t.now) {
		t.alarm.expect(pull.Done.Time, "until "+spec.Image+" is pulled")
		if pull.Failures > 1 {
			t.wait(spec.Name, "ImagePullBackOff", fmt.Sprintf(backingOff, spec.Image, pull.Error))
		}
		return pulling
	}
	if pull.Error == "" {
		took := pull.Done.Sub(pull.Started.Time).Truncate(time.Millisecond)
		t.tellPulled(spec, fmt.Sprintf("Successfully pulled image %q in %v (%v including waiting). Image size: %v bytes.",
			spec.Image, took, took, img.size()))
		return started
	}
	again := pull.Done.Add(min(initialBackOff<<min(pull.Failures-1, 10), maxBackOff))
	switch shown := pull.Done.Add(outcomeShown); {
	case shown.After(t.now):
		t.wait(spec.Name, "ErrImagePull", pull.Error,
			warning("Failed", fmt.Sprintf("Failed to pull image %q: %s", spec.Image, pull.Error)),
			warning("Failed", "Error: ErrImagePull"))
		t.alarm.expect(shown, "to back off from pulling "+spec.Image)
	case again.After(t.now):
		t.wait(spec.Name, "ImagePullBackOff", fmt.Sprintf(backingOff, spec.Image, pull.Error),
			normal("BackOff", fmt.Sprintf("Back-off pulling image %q", spec.Image)),
			warning("Failed", "Error: ImagePullBackOff"))
		t.alarm.routine(again, "to pull "+spec.Image+" again")
	default:
		t.beginPull(spec, img, pull.Failures)
		t.wait(spec.Name, "ImagePullBackOff", fmt.Sprintf(backingOff, spec.Image, pull.Error))
		return pulling
	}
	return waiting
}

// beginPull starts a pull after a number of failed ones.
func (t *turn) beginPull(spec *corev1.Container, img image, failures int) {
	pull := nodelocal.ImagePull{
		Container: spec.Name,
		Image:     spec.Image,
		Started:   metav1.NewMicroTime(t.now),
		Error:     img.pullError(),
	}
	takes := img.pullTime()
	switch {
	case pull.Error != "":
		pull.Failures = failures + 1
		takes = failTime
	case t.present(img):
		takes = checkTime
	default:
		if under := t.pullUnderWay(img); under != nil {
			takes = under.Done.Sub(t.now)
		}
	}
	pull.Done = metav1.NewMicroTime(t.now.Add(takes))
	if old := t.pullOf(spec.Name); old != nil {
		*old = pull
	} else {
		t.sandbox.Pulls = append(t.sandbox.Pulls, pull)
	}
	t.changed("pull " + spec.Image)
	t.tellOf(spec.Name, corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", spec.Image))
	t.alarm.expect(pull.Done.Time, "until "+spec.Image+" is pulled")
}

// tellPulled records that the image is there, once for each start: not again
// while the container waits for its configuration.
func (t *turn) tellPulled(spec *corev1.Container, message string) {
	if waitingReason(t.pod, spec.Name) != createConfigError {
		t.tellOf(spec.Name, corev1.EventTypeNormal, "Pulled", message)
	}
}

func (t *turn) pullOf(container string) *nodelocal.ImagePull {
	for i := range t.sandbox.Pulls {
		if t.sandbox.Pulls[i].Container == container {
			return &t.sandbox.Pulls[i]
		}
	}
	return nil
}

// present says whether an image is on the machine: noted by the node's turn,
// or pulled by one of the machine's sandboxes and not noted yet.
func (t *turn) present(img image) bool {
	if hasImage(t.machine, img) {
		return true
	}
	return t.findPull(img, func(p *nodelocal.ImagePull) bool { return !p.Done.After(t.now) }) != nil
}

// pullUnderWay finds a pull of the image that another sandbox has begun.
func (t *turn) pullUnderWay(img image) *nodelocal.ImagePull {
	return t.findPull(img, func(p *nodelocal.ImagePull) bool { return p.Done.After(t.now) })
}

func (t *turn) findPull(img image, which func(*nodelocal.ImagePull) bool) *nodelocal.ImagePull {
	different := "" // the name that was found to be of another image last: Pods tend to share images
	for _, o := range t.allSandboxes() {
		s := o.(*nodelocal.Sandbox)
		for i := range s.Pulls {
			p := &s.Pulls[i]
			if p.Error != "" || p.Image == different || !which(p) {
				continue
			}
			if other, err := parseImage(p.Image); err == nil && other == img {
				return p
			}
			different = p.Image
		}
	}
	return nil
}

// allSandboxes are those of the whole machine, listed once in a turn.
func (t *turn) allSandboxes() []reconcile.Object {
	if !t.listed {
		t.sandboxes, t.listed = t.view.List(reconcile.Sandboxes.GroupResource, reconcile.InNamespace(t.req.Node)), true
	}
	return t.sandboxes
}

func hasImage(m *nodelocal.Machine, img image) bool {
	tagged := img.String()
	for i := range m.Status.Images {
		if slices.Contains(m.Status.Images[i].Names, tagged) {
			return true
		}
	}
	return false
}
