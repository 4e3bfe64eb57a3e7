//go:build !linux

package main

// unmapProgram leaves it to the system which pages of the program to keep.
func unmapProgram() {}
