package nodelocal

import (
	"hash/fnv"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// UsageWindow is how long usage is measured for before it is reported.
const UsageWindow = 15 * time.Second

// What a container without requests uses, before it varies: millicores, and bytes.
const (
	idleMilliCPU = 4
	idleMemory   = 24 << 20
)

// MeasuredAt is the end of the newest whole window.
func MeasuredAt(now time.Time) time.Time { return now.Truncate(UsageWindow) }

// Usage is what a running container has used in the window that ends at a
// time, see MeasuredAt. Nothing runs, so it is a model: a container uses some
// part of what it requests, the same one all its life (cpu 30 to 70 per cent,
// memory 50 to 90), and its cpu goes up and down by a tenth from window to
// window. It depends on nothing but its arguments.
func Usage(pod *corev1.Pod, c *corev1.Container, end time.Time) corev1.ResourceList {
	cpu, memory := int64(idleMilliCPU), int64(idleMemory)
	if q := c.Resources.Requests.Cpu(); !q.IsZero() {
		cpu = q.MilliValue()
	}
	if q := c.Resources.Requests.Memory(); !q.IsZero() {
		memory = q.Value()
	}
	own := spread(string(pod.UID), c.Name)
	now := spread(string(pod.UID), c.Name, strconv.FormatInt(end.Unix(), 10))
	nano := cpu * 1e6 / 100 * int64(30+own%41) / 100 * int64(90+now%21)
	kibi := memory / 1024 / 100 * int64(50+own/41%41)
	return corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewScaledQuantity(nano, resource.Nano),
		corev1.ResourceMemory: *resource.NewQuantity(kibi*1024, resource.BinarySI),
	}
}

// spread is a number that looks random and is the same for the same texts.
func spread(texts ...string) uint64 {
	hash := fnv.New64a()
	for _, text := range texts {
		hash.Write([]byte(text))
		hash.Write([]byte{0})
	}
	return hash.Sum64() >> 8
}
