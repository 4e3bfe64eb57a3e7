package apiserver

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// managerTimes keeps upstream's field manager, which reads the real clock,
// from mixing its times with the world's: before it is called all times are
// replaced by others, in the same order, that lie far in the past. Whatever
// comes back and is not one of those was set by the call, and is now.
type managerTimes map[int64]*metav1.Time // by the replacement, in seconds

// hiddenYears is how far back: whole cycles of the calendar, so that no two
// times become one. No virtual clock is ahead of the real one by as much.
const hiddenYears = 800

// hide returns a copy of the entries; nil stays nil, which is not the same as
// none.
func (t managerTimes) hide(entries []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	hidden := slices.Clone(entries)
	for i := range hidden {
		if was := hidden[i].Time; was != nil {
			hidden[i].Time = &metav1.Time{Time: was.UTC().AddDate(-hiddenYears, 0, 0)}
			t[hidden[i].Time.Unix()] = was
		}
	}
	return hidden
}

// restore puts the world's times into entries, and the entries into the order
// that follows from them.
func (t managerTimes) restore(entries []metav1.ManagedFieldsEntry, now metav1.Time) []metav1.ManagedFieldsEntry {
	for i := range entries {
		e := &entries[i]
		if e.Time == nil {
			continue
		}
		if was, ok := t[e.Time.Unix()]; ok {
			e.Time = was
		} else {
			e.Time = &now
		}
	}
	slices.SortFunc(entries, compareManagers)
	return entries
}

// compareManagers is upstream's order of the entries.
func compareManagers(a, b metav1.ManagedFieldsEntry) int {
	return cmp.Or(
		cmp.Compare(a.Operation, b.Operation),
		cmp.Compare(unixOf(a.Time), unixOf(b.Time)),
		cmp.Compare(a.Manager, b.Manager),
		cmp.Compare(a.APIVersion, b.APIVersion),
		cmp.Compare(a.Subresource, b.Subresource),
	)
}

func unixOf(t *metav1.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}
