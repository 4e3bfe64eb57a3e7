// Package helm holds scripts that run helm 3 with a chart of our own: it
// installs, upgrades, rolls back, waits, runs hooks and undoes what fails.
// testdata/script has the scripts, testdata/chart the chart.
package helm
