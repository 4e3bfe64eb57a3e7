package main

import (
	_ "embed"
	"fmt"
	"path"
	"strings"
)

//go:embed preface.md
var preface string

// render is the page, in Markdown.
func render(served []row, packages []pkg) string {
	var b strings.Builder
	b.WriteString("<!-- Made by go run ./internal/fidelity of the comments in the code: change those. -->\n\n")
	b.WriteString(strings.TrimSpace(preface) + "\n")
	b.WriteString("\n## What is served\n\n" + table(served))
	for _, p := range packages {
		title := p.dir
		if p.dir == "." {
			title = "minik8s (the module's root)"
		}
		fmt.Fprintf(&b, "\n## %s\n\n", title)
		for _, n := range p.notes {
			fmt.Fprintf(&b, "- [%s](%s): %s\n", n.file, path.Join("..", p.dir, n.file), asMarkdown.Replace(n.text))
		}
	}
	return b.String()
}

// asMarkdown keeps Go's text from being taken for markup.
var asMarkdown = strings.NewReplacer("*", `\*`, "<", `\<`, "_", `\_`)
