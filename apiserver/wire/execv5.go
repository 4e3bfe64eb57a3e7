package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	channels "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream/wsstream"
	utilexec "k8s.io/utils/exec"
)

// serveV5 speaks the newest protocol for remote commands, v5.channel.k8s.io
// over WebSockets, in which the client can end its input.
//
// Upstream: k8s.io/apiserver/pkg/util/proxy (StreamTranslatorHandler), without translating to SPDY, which the other end would speak.
func serveV5(w http.ResponseWriter, r *http.Request, asked *remotecommand.Options, run process) {
	conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{
		channels.StreamProtocolV5Name: {Binary: true, Channels: channelsFor(asked)},
	})
	conn.SetIdleTimeout(streamIdleTimeout)
	_, opened, err := conn.Open(w, r)
	if err != nil {
		return // the client was told
	}
	defer conn.Close()
	first := channels.StreamErr
	switch {
	case asked.Stdout:
		first = channels.StreamStdOut
	case asked.Stderr:
		first = channels.StreamStdErr
	}
	if _, err := opened[first].Write(nil); err != nil { // so that the client knows that it is connected
		return
	}
	go io.Copy(io.Discard, opened[channels.StreamResize])
	streams := Streams{TTY: asked.TTY}
	if asked.Stdin {
		streams.In = opened[channels.StreamStdIn]
	}
	if asked.Stdout {
		streams.Out = opened[channels.StreamStdOut]
	}
	if asked.Stderr {
		streams.Err = opened[channels.StreamStdErr]
	}
	outcome, err := json.Marshal(outcomeOf(run(r.Context(), streams)))
	if err != nil {
		return
	}
	conn.SetWriteDeadline(10 * time.Second)
	opened[channels.StreamErr].Write(outcome)
}

// channelsFor are the streams that were asked for, and those for errors and
// for the terminal's size.
func channelsFor(asked *remotecommand.Options) []wsstream.ChannelType {
	all := make([]wsstream.ChannelType, 5)
	open := func(channel int, wanted bool, as wsstream.ChannelType) {
		if wanted {
			all[channel] = as
		}
	}
	open(channels.StreamStdIn, asked.Stdin, wsstream.ReadChannel)
	open(channels.StreamStdOut, asked.Stdout, wsstream.WriteChannel)
	open(channels.StreamStdErr, asked.Stderr, wsstream.WriteChannel)
	open(channels.StreamErr, true, wsstream.WriteChannel)
	open(channels.StreamResize, true, wsstream.ReadChannel)
	return all
}

// outcomeOf is how a process has ended, as the client is told.
func outcomeOf(err error) metav1.Status {
	var exit utilexec.ExitError
	switch {
	case err == nil:
		return metav1.Status{Status: metav1.StatusSuccess}
	case errors.As(err, &exit) && exit.Exited():
		return metav1.Status{
			Status:  metav1.StatusFailure,
			Reason:  channels.NonZeroExitCodeReason,
			Message: fmt.Sprintf("command terminated with non-zero exit code: %v", exit),
			Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: channels.ExitCodeCauseType, Message: fmt.Sprint(exit.ExitStatus())}}},
		}
	}
	return apierrors.NewInternalError(fmt.Errorf("error executing command in container: %w", err)).ErrStatus
}
