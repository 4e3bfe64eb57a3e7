// Package kinds says what is special about each kind of object: its names,
// its versions, what a client may set and change, how it is defaulted and
// validated, how a table of it looks.
//
// It models upstream's pkg/registry strategies and pkg/apis installers.
// Defaults, conversion, validation and table columns are upstream's own code,
// called here; the strategies are written anew, one file a kind.
//
// It leaves out storage and transport: see apiserver.
//
// Read next: kind.go for what a kind is, deployment.go for an example,
// all.go for the list, versions.go and validate.go for how upstream's code is
// called; docs/adding-a-kind.md.
package kinds
