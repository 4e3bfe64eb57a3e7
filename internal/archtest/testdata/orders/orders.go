// Package orders breaks the rules of order_test.go.
package orders

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
)

func shows(pod *corev1.Pod, m map[string]int, names sets.Set[string]) (lines []string, err error) {
	for k, v := range pod.Labels { // BAD: order of this loop
		lines = append(lines, k+v)
	}
	for k := range m { // BAD: order of this loop
		fmt.Println(k)
	}
	for name := range names { // BAD: order of this loop
		return lines, fmt.Errorf("first %s", name)
	}
	text, last, ratio := "", 0, 0.0
	for _, v := range m { // BAD: order of this loop
		last = v
	}
	for k := range m { // BAD: order of this loop
		text += k
	}
	for _, v := range m { // BAD: order of this loop
		ratio += float64(v)
	}
	byValue := map[int]string{}
	for k, v := range m { // BAD: order of this loop
		byValue[v] = k
	}
	byName := map[string]int{}
	for k, v := range m { // BAD: order of this loop
		byName[k[:1]+k] = v
	}
	for k := range m { // BAD: order of this loop
		if k == text {
			return nil, nil
		}
		if last > 1 {
			return lines, nil
		}
	}
	for k := range m { // BAD: order of this loop
		names.Insert(k)
		break
	}
	lines = slices.Collect(maps.Keys(m)) // BAD: maps.Keys
	for k := range maps.Keys(m) {        // BAD: maps.Keys
		lines = append(lines, k)
	}
	return append(lines, names.UnsortedList()...), nil // BAD: UnsortedList
}

func doesNotShow(pod *corev1.Pod, m map[string]int, names sets.Set[string]) bool {
	var keys, values []string
	for k, v := range pod.Labels {
		keys = append(keys, k)
		if v != "" {
			values = append(values, v)
		}
	}
	sort.Strings(keys)
	slices.Sort(values)

	sum, most, any, inverse := 0, 0, false, map[int]bool{}
	doubled := map[string]int{}
	for k, v := range m {
		sum += v
		most = max(most, v)
		inverse[v] = true
		doubled[k] = 2 * v
		doubled["prefix-"+k] = v
		if twice := 2 * v; twice > 3 {
			any = true
			continue
		}
		delete(m, k)
		names.Insert(k)
	}
	for range m {
		sum++
	}
	for k, v := range m {
		if doubled[k] != 2*v {
			return false
		}
	}
	keys = slices.Sorted(maps.Keys(m))
	keys = names.UnsortedList()
	slices.Sort(keys)
	for k := range maps.Keys(m) {
		delete(doubled, k)
	}
	// any order: fmt is not looked at
	for k := range m {
		fmt.Sprint(k)
	}
	return any && sum == most
}
