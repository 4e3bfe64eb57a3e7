// Package quota says what objects use up of a ResourceQuota.
//
// It models pkg/quota/v1 of upstream by calling it: the evaluators of pods,
// services, and claims of volumes and devices, and the counts of all other
// objects. Admission charges one object at a time with them; the resource quota
// controller measures a whole namespace.
//
// It leaves out quota on devices by the name of an extended resource: resource
// claims are counted, and charged by device class.
//
// Read next: apiserver/admission/resourcequota.go and
// controllers/resourcequota.go, which use it.
package quota
