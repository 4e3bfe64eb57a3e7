// Package scenario runs text scripts against a cluster: kubectl's commands and
// the simulator's own, each with what it prints and what happened because of
// it. A script is a test and can be read as a lesson.
//
//	kubectl create deployment web --image=nginx:1.22 --replicas=3
//	----
//	deployment.apps/web created
//
//	settle
//	----
//	… one line for each turn that wrote something …
//
// It models a person at a terminal with kubectl, on a cluster whose clock
// only moves when told to. It leaves out the terminal: commands that wait
// (delete, rollout status) want --wait=false or --watch=false, or a settle
// before them.
//
// Read next: runner.go, then the scripts in testdata.
package scenario
