package apiserver

import "strings"

// StrictWarnings makes one warning of each fault. A YAML decoder reports
// several in one error.
func StrictWarnings(faults []error) []string {
	var warnings []string
	for _, fault := range faults {
		text := fault.Error()
		for _, prefix := range []string{"yaml: unmarshal errors:\n", "error converting YAML to JSON: yaml: unmarshal errors:\n"} {
			if rest, ok := strings.CutPrefix(text, prefix); ok {
				text = rest
				break
			}
		}
		for line := range strings.SplitSeq(text, "\n") {
			warnings = append(warnings, strings.TrimSpace(line))
		}
	}
	return warnings
}
