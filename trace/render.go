package trace

import (
	"fmt"
	"io"
	"strings"
)

// clock is how virtual time is shown; a tick is a tenth of a second by default.
const clock = "15:04:05.000"

// Render writes one turn the way that a learner can follow it.
func Render(w io.Writer, t *Turn, s Style) error {
	text := line(t, s)
	if s.Verbose {
		text = paragraph(t, s)
	}
	_, err := io.WriteString(w, text)
	return err
}

// line is the compact form: one turn, one line, columns that stay where they
// are while a trace is followed.
func line(t *Turn, s Style) string {
	who, key := t.Component, t.Key
	if who == "" {
		who, key = splitCommand(t.Command)
	}
	return fmt.Sprintf("%s %s %s %s %s %s\n",
		s.paint(dim, fmt.Sprintf("%5d", t.Number)),
		s.paint(dim, fmt.Sprintf("t%-6d", t.Tick)),
		s.paint(dim, t.Time.Format(clock)),
		s.column(cyan, 26, who),
		s.column(bold, 34, orDash(key)),
		outcome(t, s))
}

// outcome sums a turn up: what it wrote, how it failed, when it comes back.
func outcome(t *Turn, s Style) string {
	var parts []string
	for _, c := range t.Calls {
		if c.Verb == "event" || c.Dropped {
			continue
		}
		parts = append(parts, callInBrief(t, c, s))
	}
	if t.Err != "" {
		parts = append(parts, s.paint(red, "error: "+firstLine(t.Err)))
	}
	if t.Waits != "" {
		parts = append(parts, s.paint(dim, "waits"))
	}
	if len(parts) == 0 {
		parts = append(parts, s.paint(dim, "nothing to do"))
	}
	if t.After > 0 {
		parts = append(parts, s.paint(dim, "again in "+t.After.String()))
	}
	return strings.Join(parts, ", ")
}

// callInBrief leaves out what the line's other columns say already: the key,
// and for a request from outside the command.
func callInBrief(t *Turn, c Call, s Style) string {
	what := c.Verb + " " + c.Resource + " "
	if name := c.objectName(); name != t.Key {
		what += name + " "
	}
	if t.Component == "" {
		what = ""
	}
	switch {
	case c.Err != "":
		return s.paint(red, what+"refused")
	case c.Revision > 0:
		return what + s.paint(dim, fmt.Sprintf("r%d", c.Revision))
	}
	return what + s.paint(dim, "no change")
}

// paragraph is the full form.
func paragraph(t *Turn, s Style) string {
	var b strings.Builder
	b.WriteString(header(t, s) + "\n")
	field(&b, s, "woken", t.wokenBy())
	if t.SawRevision < t.Newest {
		field(&b, s, "view", fmt.Sprintf("r%d, which is %d behind the newest, r%d", t.SawRevision, t.Newest-t.SawRevision, t.Newest))
	}
	for _, saw := range t.Saw {
		field(&b, s, "saw", saw)
	}
	for _, c := range t.Calls {
		renderCall(&b, t, c, s)
	}
	if t.Err != "" && !t.callErr(t.Err) {
		field(&b, s, "error", s.paint(red, t.Err))
	}
	field(&b, s, "waits", t.Waits)
	if len(t.Calls) == 0 && t.Err == "" && t.Waits == "" && t.Component != "" {
		field(&b, s, "", "nothing to do")
	}
	if t.After > 0 {
		field(&b, s, "again", "in "+t.After.String()+because(t.AfterWhy))
	}
	return b.String()
}

func header(t *Turn, s Style) string {
	title := fmt.Sprintf("turn %d", t.Number)
	who := t.Component + " " + orDash(t.Key)
	switch {
	case t.Planned:
		title = "next turn, not carried out"
	case t.Component == "":
		title, who = fmt.Sprintf("request %d", t.Number), t.Command
	}
	at := fmt.Sprintf("tick %d, %s", t.Tick, t.Time.Format(clock))
	if t.Attempt > 0 {
		at += fmt.Sprintf(", attempt %d", t.Attempt+1)
	}
	return s.paint(bold, title) + s.paint(dim, " ("+at+") ") + s.paint(cyan, who)
}

// wokenBy names the cause by its revision, too, for whoever asks "why" next.
func (t *Turn) wokenBy() string {
	if t.Cause == 0 || t.Woken == "" {
		return t.Woken
	}
	return fmt.Sprintf("%s (r%d)", t.Woken, t.Cause)
}

// callErr says whether the turn's error is already shown beside a call.
func (t *Turn) callErr(err string) bool {
	for _, c := range t.Calls {
		if c.Err != "" && strings.Contains(err, c.Err) {
			return true
		}
	}
	return false
}

// field writes one labelled line; an empty one is left out.
func field(b *strings.Builder, s Style, label, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(b, "  %s %s\n", s.column(dim, 6, label), text)
}

// splitCommand parts "kubectl apply: create pods default/web" at the colon.
func splitCommand(command string) (who, what string) {
	who, what, _ = strings.Cut(command, ": ")
	return who, what
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func orDash(key string) string {
	if key == "" || key == "." {
		return "-"
	}
	return key
}
