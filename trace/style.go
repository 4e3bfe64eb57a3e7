package trace

import "fmt"

// Style says how turns are shown.
type Style struct {
	// Color paints with ANSI escapes, for a terminal.
	Color bool
	// Verbose shows a turn as a paragraph with what the component saw, each
	// call, its reason and its diff; otherwise a turn is one aligned line.
	Verbose bool
}

// color is an ANSI "select graphic rendition" parameter.
type color string

const (
	bold   color = "1"
	dim    color = "2"
	red    color = "31"
	green  color = "32"
	yellow color = "33"
	cyan   color = "36"
)

func (s Style) paint(c color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// column pads before it paints, so that escapes do not count as width.
func (s Style) column(c color, width int, text string) string {
	return s.paint(c, fmt.Sprintf("%-*s", width, text))
}

// paintDiff colours a line of Diff by its sign.
func (s Style) paintDiff(line string) string {
	switch line[:min(1, len(line))] {
	case "+":
		return s.paint(green, line)
	case "-":
		return s.paint(red, line)
	case "~":
		return s.paint(yellow, line)
	}
	return s.paint(dim, line)
}
