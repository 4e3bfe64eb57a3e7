package kubeletsim

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// noteImages adds the images whose pulls are done to the machine's list, and
// returns the list. Only the node's key does this: if each Pod's turn did, two
// that end in the same tick would meet as a conflict. Until an image is noted,
// Pods find it in the sandbox that pulled it (present, in pull.go).
func noteImages(v reconcile.View, machine *nodelocal.Machine, plan *reconcile.Plan, alarm *alarm) []corev1.ContainerImage {
	updated := machine
	noted := "" // the name that was found to be noted last: Pods tend to share images
	for _, o := range v.List(reconcile.Sandboxes.GroupResource, reconcile.InNamespace(machine.Name)) {
		s := o.(*nodelocal.Sandbox)
		for i := range s.Pulls {
			p := &s.Pulls[i]
			if p.Error != "" || p.Image == noted {
				continue
			}
			if p.Done.After(v.Now()) {
				alarm.expect(p.Done.Time, "until "+p.Image+" is pulled")
				continue
			}
			noted = p.Image
			img, err := parseImage(p.Image)
			if err != nil || hasImage(updated, img) {
				continue
			}
			if updated == machine {
				updated = machine.DeepCopy()
			}
			updated.Status.Images = append(updated.Status.Images, corev1.ContainerImage{
				Names:     imageNames(img),
				SizeBytes: img.size(),
			})
		}
	}
	if updated != machine {
		plan.UpdateStatus(updated, "%d new images", len(updated.Status.Images)-len(machine.Status.Images))
	}
	return updated.Status.Images
}

func imageNames(img image) []string {
	if img.id() == img.String() {
		return []string{img.id()}
	}
	return []string{img.id(), img.String()}
}
