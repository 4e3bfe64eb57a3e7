package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
)

// everyController is what --controllers says if it is not given.
const everyController = "*"

// componentsOf are the components of a cluster that run if --controllers says chosen: a
// controller's name to have it, "-" and its name not to, "*" to have all the
// others.
//
// Upstream: k8s.io/controller-manager/app (IsControllerEnabled), where the scheduler is a program of its own and not in the list.
func componentsOf(chosen []string, options minik8s.Options) ([]reconcile.Component, error) {
	all := minik8s.Components(kinds.NewRegistry(kinds.All()), options)
	if slices.Equal(chosen, []string{everyController}) {
		return all, nil
	}
	for _, c := range chosen {
		name := strings.TrimPrefix(c, "-")
		known := func(c reconcile.Component) bool { return optional(c) && c.Name == name }
		if c != everyController && !slices.ContainsFunc(all, known) {
			return nil, fmt.Errorf("--controllers: %q is not in the list of known controllers: %s", name, strings.Join(optionalNames(all), ", "))
		}
	}
	return slices.DeleteFunc(all, func(c reconcile.Component) bool { return optional(c) && !enabled(c.Name, chosen) }), nil
}

// enabled says whether a controller runs; the first that names it decides.
func enabled(name string, chosen []string) bool {
	for _, c := range chosen {
		switch c {
		case name:
			return true
		case "-" + name:
			return false
		}
	}
	return slices.Contains(chosen, everyController)
}

// optional says whether a component runs outside of the API server and the
// nodes, so that a control plane can do without it.
func optional(c reconcile.Component) bool {
	return !c.PerNode && c.User != "system:apiserver"
}

func optionalNames(all []reconcile.Component) []string {
	var names []string
	for _, c := range all {
		if optional(c) {
			names = append(names, c.Name)
		}
	}
	return names
}
