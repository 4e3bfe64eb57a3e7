// Package conversion has what is said between the API server and the webhook
// that converts custom resources from one version of their definition to
// another: the ConversionReview that is sent, and what its answer must be like.
//
// It models upstream's webhook converter, with its rules and its errors. Like
// admission webhooks, a conversion is a question (see apiserver/outside), so
// nothing here makes a call, and what was answered to a write is journalled.
//
// It leaves out metrics of conversions, and whatever decides that an object
// needs one: that is kinds/custom/conversion.go.
//
// Read next: review.go, then answer.go.
package conversion
