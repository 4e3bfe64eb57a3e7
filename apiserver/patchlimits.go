package apiserver

import (
	"fmt"
	"sync/atomic"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

const (
	// maxJSONPatchOperations is how many operations one JSON patch may have.
	maxJSONPatchOperations = 10000
	// maxJSONPatchCopies is how many bytes the copies in one JSON patch may
	// come to. A few dozen copies of copies would be more than any machine has.
	maxJSONPatchCopies = 3 * 1024 * 1024
	// maxMergedElements is how many elements the lists of a strategic merge
	// patch may have: each is looked for among all that there are.
	maxMergedElements = 10000
	// maxReading is how many bytes may have to be read to apply a patch.
	maxReading = 128 * 1024 * 1024
)

// limitCopies sets the limit to copies, which is the same for all patches in a
// process, unless the program has one.
func limitCopies() {
	atomic.CompareAndSwapInt64(&jsonpatch.AccumulatedCopySizeLimit, 0, maxJSONPatchCopies)
}

// tooMuchToRead refuses a patch, or an object to apply it to, that is nested so
// deep and is so large that nobody else would be served for a long time: it is
// read once for each level.
//
// Upstream: gopkg.in/evanphx/json-patch, which takes some minutes for it.
func tooMuchToRead(text []byte) error {
	if depth := nesting(text); depth*len(text) > maxReading {
		return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("%d levels of nesting are too many for %d bytes of JSON", depth, len(text)))
	}
	return nil
}

// tooMuchToMerge refuses a strategic merge patch whose lists would take that
// long to merge.
//
// Upstream: k8s.io/apimachinery/pkg/util/strategicpatch (mergeSliceWithSpecialElements), which is busy until the request times out, and longer.
func tooMuchToMerge(patch map[string]any) error {
	if n := elements(patch); n > maxMergedElements {
		return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum of list elements in a strategic merge patch is %d, got %d", maxMergedElements, n))
	}
	return nil
}

// elements counts those of all lists in some JSON.
func elements(value any) (n int) {
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			n += elements(v)
		}
	case []any:
		n = len(value)
		for _, v := range value {
			n += elements(v)
		}
	}
	return n
}

// nesting is how many lists and objects are one inside the other in some JSON.
func nesting(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
