package scheduler

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// ImageLocality prefers nodes that already have the pod's images, by size.
type ImageLocality struct{}

const (
	mebibyte int64 = 1 << 20
	// Below minImageBytes a download is too short to matter; at
	// maxImageBytes for each image a node gets MaxNodeScore.
	minImageBytes = 23 * mebibyte
	maxImageBytes = 1000 * mebibyte
)

// Name is upstream's name of the plugin.
func (ImageLocality) Name() string { return "ImageLocality" }

// PreScore adds up what having each of the pod's images is worth.
func (ImageLocality) PreScore(pod *PodInfo, snap *Snapshot, _ []*NodeInfo) (Score, error) {
	images := podImages(pod.Pod)
	var present [][]int64
	for _, image := range images {
		if scores := snap.imageScores(image); scores != nil {
			present = append(present, scores)
		}
	}
	ceiling := maxImageBytes * int64(len(images))
	return func(n *NodeInfo) int64 {
		var bytes int64
		for _, scores := range present {
			bytes += scores[n.index]
		}
		bytes = min(max(bytes, minImageBytes), ceiling)
		return MaxNodeScore * (bytes - minImageBytes) / (ceiling - minImageBytes)
	}, nil
}

// imageScores is, for each node by its index, what having the image is worth:
// its size on disk times the share of nodes that have it, so that the one node
// with an image does not attract every pod. It is nil if no node has it.
func (s *Snapshot) imageScores(image string) []int64 {
	if scores, known := s.images[image]; known {
		return scores
	}
	var having []int
	var size int64
	for i, n := range s.Nodes {
		if bytes, ok := imageOn(n.Node, image); ok {
			if len(having) == 0 {
				size = bytes
			}
			having = append(having, i)
		}
	}
	var scores []int64
	if len(having) > 0 {
		scores = make([]int64, len(s.Nodes))
		share := float64(len(having)) / float64(len(s.Nodes))
		for _, i := range having {
			scores[i] = int64(float64(size) * share)
		}
	}
	s.images[image] = scores
	return scores
}

func imageOn(node *corev1.Node, image string) (bytes int64, ok bool) {
	for i := range node.Status.Images {
		for _, name := range node.Status.Images[i].Names {
			if name == image {
				return node.Status.Images[i].SizeBytes, true
			}
		}
	}
	return 0, false
}

// podImages are the pod's images, repeats included, as a node reports them.
func podImages(pod *corev1.Pod) []string {
	images := make([]string, 0, len(pod.Spec.InitContainers)+len(pod.Spec.Containers))
	for i := range pod.Spec.InitContainers {
		images = append(images, taggedImage(pod.Spec.InitContainers[i].Image))
	}
	for i := range pod.Spec.Containers {
		images = append(images, taggedImage(pod.Spec.Containers[i].Image))
	}
	for i := range pod.Spec.Volumes {
		if volume := pod.Spec.Volumes[i].Image; volume != nil {
			images = append(images, taggedImage(volume.Reference))
		}
	}
	return images
}

// taggedImage adds the tag that is meant when there is none.
func taggedImage(image string) string {
	if strings.LastIndex(image, ":") <= strings.LastIndex(image, "/") {
		return image + ":latest"
	}
	return image
}
