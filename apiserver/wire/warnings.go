package wire

import (
	"net/http"
	"slices"
	"unicode/utf8"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// How many characters of warnings an answer has before all of them are cut
// short, and what is left of one then.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters (WithWarningRecorder), complete.
const (
	mostWarnings     = 4 * 1024
	mostOfOneWarning = 256
)

// addWarnings sets one Warning header for each text, besides those that the
// answer has already, but none twice.
func addWarnings(w http.ResponseWriter, texts []string) {
	if len(texts) == 0 {
		return
	}
	var all []string
	before, _ := utilnet.ParseWarningHeaders(w.Header()["Warning"])
	for _, warning := range before {
		all = append(all, warning.Text)
	}
	w.Header().Del("Warning")
	for _, text := range shortWarnings(append(all, texts...)) {
		if header, err := utilnet.NewWarningHeader(299, "", text); err == nil {
			w.Header().Add("Warning", header)
		}
	}
}

// shortWarnings are the texts without what is too much, and without repetition.
func shortWarnings(texts []string) []string {
	var kept []string
	written, shorten := 0, false
	for _, text := range texts {
		if text == "" || slices.Contains(kept, text) {
			continue
		}
		if shorten && written >= mostWarnings {
			break
		}
		kept = append(kept, text)
		length := utf8.RuneCountInString(text)
		switch {
		case shorten:
			written += min(length, mostOfOneWarning)
		case written+length <= mostWarnings:
			written += length
		default:
			shorten, written = true, 0
			for _, text := range kept {
				written += min(utf8.RuneCountInString(text), mostOfOneWarning)
			}
		}
	}
	if shorten {
		for i, text := range kept {
			kept[i] = firstRunes(text, mostOfOneWarning)
		}
	}
	return kept
}

func firstRunes(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
