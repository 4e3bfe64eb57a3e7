package main

import (
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// kubectlWord is kubectl as a command: not as a part of a URL, of a file
// name or of an annotation.
var kubectlWord = regexp.MustCompile(`(^|[^\w./-])kubectl($|[ \t\n'"` + "`" + `,)])`)

func renamed(text string) string { return kubectlWord.ReplaceAllString(text, "${1}minik8s${2}") }

// sayMinik8s makes help texts speak of minik8s where upstream's say kubectl;
// ours mean kubectl when they say so. The texts of a command are changed when
// they are about to be shown.
func sayMinik8s(root *cobra.Command, ours []*cobra.Command) {
	help, usage := root.HelpFunc(), root.UsageFunc()
	rename := func(c *cobra.Command) {
		if c != root && !slices.Contains(ours, c) {
			renameTexts(c)
		}
	}
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		rename(c)
		help(c, args)
	})
	root.SetUsageFunc(func(c *cobra.Command) error {
		rename(c)
		return usage(c)
	})
}

func renameTexts(c *cobra.Command) {
	c.Use, c.Short, c.Long, c.Example = renamed(c.Use), renamed(c.Short), renamed(c.Long), renamed(c.Example)
	c.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = renamed(f.Usage) })
	for _, child := range c.Commands() {
		child.Short = renamed(child.Short)
	}
}
