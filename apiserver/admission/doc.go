// Package admission has the plugins that every write passes on its way
// through the door, and whatever else is created or connected to: they fill in
// what a client left out, refuse what the cluster's policies forbid, and account
// for quota.
//
// It models kube-apiserver's built-in admission plugins, those that are on by
// default and a few more (see Plugins), in upstream's order and in upstream's
// two phases. A plugin is a value with one function for each phase; what it may
// know of the request is in Attributes, and of the world in World.
//
// It leaves out all others, and the plugins' own caches: the world is at hand.
//
// Read next: attributes.go, plugins.go, and then priority.go as an example of
// a plugin.
package admission
