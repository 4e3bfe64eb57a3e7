package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Bad input gets one line that says what would be right.

// flagError rewrites what the flag parser has to say.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		hint := ""
		if near := nearestFlag(c, unknown.GetSpecifiedName()); near != "" {
			hint = "; did you mean --" + near + "?"
		}
		return fmt.Errorf("%w%s See: %s --help", err, orSemicolon(hint), c.CommandPath())
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		return fmt.Errorf("--%s wants %s, not %q", f.Name, wanted(f), invalid.GetValue())
	}
	return fmt.Errorf("%w; see: %s --help", err, c.CommandPath())
}

func orSemicolon(hint string) string {
	if hint == "" {
		return "."
	}
	return hint
}

func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "duration":
		return "a duration such as 100ms, 30s or 10m"
	case "bool":
		return "true or false"
	case "speed":
		return "a factor such as 1, 10 or 0.5, or max"
	}
	return "a " + f.Value.Type()
}

// nearestFlag finds a flag that differs by a letter or two.
func nearestFlag(c *cobra.Command, name string) (nearest string) {
	best := 3
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if d := editDistance(name, f.Name); d < best {
			nearest, best = f.Name, d
		}
	})
	return nearest
}

// editDistance counts the letters to insert, drop or exchange to get from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// between checks the number of arguments. usage shows what is right.
func between(least, most int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return fmt.Errorf("an argument is missing; write: minik8s %s", usage)
		case len(args) > most:
			return fmt.Errorf("%q is one argument too many; write: minik8s %s", args[most], usage)
		}
		return nil
	}
}

// count reads the optional number of steps or ticks.
func count(args []string, of string) (int, error) {
	if len(args) == 0 {
		return 1, nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of %s: write 1 or more", args[0], of)
	}
	return n, nil
}

func virtualDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration ahead: write for example 30s, 10m or 1h30m", text)
	}
	return d, nil
}

// speedValue is a factor, or zero for "max". It is a pflag.Value.
type speedValue float64

func (v *speedValue) Type() string { return "speed" }

func (v *speedValue) String() string { return speedName(float64(*v)) }

func (v *speedValue) Set(text string) error {
	if text == "max" {
		*v = 0
		return nil
	}
	factor, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(factor > 0 && factor <= maxSpeed) {
		return fmt.Errorf("%q is not a speed: write a factor such as 1, 10 or 0.5, or max", text)
	}
	*v = speedValue(factor)
	return nil
}

// maxSpeed keeps virtual durations within 64 bits; a day passes in a blink.
const maxSpeed = 1e6

func speedName(speed float64) string {
	if speed == 0 {
		return "max"
	}
	return strconv.FormatFloat(speed, 'g', -1, 64)
}
