// Package helm holds scripts that run helm 3 with charts of our own: it
// installs, upgrades, rolls back, waits, runs hooks, undoes what fails and
// brings kinds along. testdata/script has the scripts; testdata/chart is a
// chart, and testdata/crdchart one with CustomResourceDefinitions in crds/.
package helm
