package apiserver

import (
	"encoding/binary"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/kinds"
)

// Everything that a real API server draws at random is computed here from the
// world's seed and the revision that the write will have. No two writes of a
// world share a revision, so it serves as the counter; and a world that is
// run again, or forked, draws the same. A write that may have to wait for the
// answer of a webhook, which sees what was drawn, has a ticket in its place.

// counter tells the draws of one write from those of all others.
func (c *call) counter() int64 {
	if c.drawsByTicket() {
		return -c.req.Ticket
	}
	return c.tx.Revision()
}

func (c *call) drawsByTicket() bool {
	return c.req.Ticket != 0 && (c.conversions != nil || c.asksOutside())
}

// draw returns a number that looks random. Purposes keep the draws of one
// write apart.
func (c *call) draw(purpose uint64) uint64 { return draw(c.Seed, c.counter(), purpose) }

func draw(seed, counter int64, purpose uint64) uint64 {
	return mix(mix(uint64(seed)^purpose<<56) + uint64(counter))
}

// The purposes. Names take the ones after drawName too, one for each attempt.
const (
	drawUIDHigh uint64 = iota + 1
	drawUIDLow
	drawClusterIP
	drawNodePort
	drawVolumeName
	drawName
)

const drawEventName = drawName + nameAttempts

// mix is the finalizer of splitmix64, which spreads every bit of its input
// over all of its output.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (c *call) newUID() types.UID { return uidFor(c.Seed, c.counter()) }

// uidFor has the form of a random (version 4) UUID.
func uidFor(seed, counter int64) types.UID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], draw(seed, counter, drawUIDHigh))
	binary.BigEndian.PutUint64(b[8:], draw(seed, counter, drawUIDLow))
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 36)
	for i, v := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, digits[v>>4], digits[v&15])
	}
	return types.UID(text)
}

const (
	// nameAttempts is how often a generated name may collide.
	nameAttempts = 8
	suffixLength = 5
	maxBase      = 63 - suffixLength
	// suffixAlphabet has no vowels and no digits that look like letters, so
	// that no bad words come out (k8s.io/apimachinery/pkg/util/rand).
	suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789"
)

// generateName gives an object without a name one that starts with its
// generateName.
func (c *call) generateName(obj kinds.Object) error {
	base := obj.GetGenerateName()
	if base == "" || obj.GetName() != "" {
		return nil
	}
	c.nameIsDrawn = true
	if c.NoSuffix {
		obj.SetName(base)
		return nil
	}
	if len(base) > maxBase {
		base = base[:maxBase]
	}
	for attempt := range uint64(nameAttempts) {
		obj.SetName(base + suffix(c.draw(drawName+attempt)))
		if c.tx.Get(c.GroupResource, obj.GetNamespace(), obj.GetName()) == nil {
			return nil
		}
	}
	return apierrors.NewGenerateNameConflict(c.named(), obj.GetName(), 1)
}

func suffix(random uint64) string {
	var b [suffixLength]byte
	for i := range b {
		b[i] = suffixAlphabet[random%uint64(len(suffixAlphabet))]
		random /= uint64(len(suffixAlphabet))
	}
	return string(b[:])
}

// storageKey is where upstream keeps an object in etcd. It shows in the texts
// of failed preconditions.
func (c *call) storageKey() string {
	root := "/registry"
	if c.dryRun { // which stops short of etcd
		root = ""
	}
	resource := c.GroupResource.Resource
	switch {
	case c.Custom != nil || c.GroupResource == customResourceDefinitions:
		resource = c.GroupResource.Group + "/" + resource
	case c.StoredAs != "":
		resource = c.StoredAs
	}
	if c.Namespaced {
		return fmt.Sprintf("%s/%s/%s/%s", root, resource, c.req.Namespace, c.req.Name)
	}
	return fmt.Sprintf("%s/%s/%s", root, resource, c.req.Name)
}
