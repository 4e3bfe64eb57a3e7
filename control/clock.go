package control

import (
	"net/http"
	"time"

	"github.com/minik8s/minik8s/trace"
)

// The requests to move the clock.
type (
	speedRequest struct {
		Speed float64 `json:"speed"`
	}
	stepRequest struct {
		N int `json:"n"`
		// DryRun plans the next turn without carrying it out.
		DryRun bool `json:"dryRun,omitempty"`
	}
	// durationRequest is in virtual time.
	durationRequest struct {
		Duration time.Duration `json:"duration"`
	}
)

func (s *server) pause(*http.Request) (State, error) {
	s.live.Pause()
	return s.now(), nil
}

func (s *server) resume(*http.Request) (State, error) {
	if failed := s.live.State().Failed; failed != nil {
		return State{}, refuse(http.StatusConflict, "%v", failed)
	}
	s.live.Resume()
	return s.now(), nil
}

func (s *server) speed(r *http.Request) (State, error) {
	req, err := body[speedRequest](r)
	if err != nil {
		return State{}, err
	}
	if req.Speed < 0 {
		return State{}, refuse(http.StatusBadRequest, "the speed cannot be negative")
	}
	s.live.SetSpeed(req.Speed)
	return s.now(), nil
}

// step runs turns one after the other. It wants the clock to stand, because
// otherwise the turn that one meant to watch has been over for long.
func (s *server) step(r *http.Request) (Move, error) {
	req, err := body[stepRequest](r)
	if err != nil {
		return Move{}, err
	}
	if err := s.mustStand(); err != nil {
		return Move{}, err
	}
	if req.DryRun {
		return s.plan()
	}
	return s.move(func(m *Move) error {
		for range max(req.N, 1) {
			turn, err := s.cluster.Step()
			if turn == nil || err != nil {
				return err
			}
			m.Turns = append(m.Turns, turn)
		}
		return nil
	})
}

// plan thinks the next turn through.
func (s *server) plan() (Move, error) {
	turn, err := s.cluster.PlanNext()
	m := Move{}
	if turn != nil {
		m.Turns = []*trace.Turn{turn}
	}
	return m, err
}

func (s *server) tick(r *http.Request) (Move, error) {
	req, err := body[stepRequest](r)
	if err != nil {
		return Move{}, err
	}
	if err := s.mustStand(); err != nil {
		return Move{}, err
	}
	return s.move(func(m *Move) error {
		for range max(req.N, 1) {
			turns, err := s.cluster.Tick()
			m.Turns = append(m.Turns, turns...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *server) mustStand() error {
	if s.live.Paused() {
		return nil
	}
	return refuse(http.StatusConflict, "the cluster is running; pause it first: minik8s pause")
}

func (s *server) settle(r *http.Request) (Move, error) {
	req, err := body[durationRequest](r)
	if err != nil {
		return Move{}, err
	}
	return s.move(func(m *Move) error {
		turns, err := s.cluster.Settle(req.Duration)
		m.Count = len(turns)
		if err != nil {
			m.Incomplete = err.Error()
		}
		return nil
	})
}

func (s *server) advance(r *http.Request) (Move, error) {
	req, err := body[durationRequest](r)
	if err != nil {
		return Move{}, err
	}
	if req.Duration <= 0 {
		return Move{}, refuse(http.StatusBadRequest, "the clock only goes forward")
	}
	return s.move(func(m *Move) (err error) {
		m.Count, err = s.cluster.Advance(req.Duration)
		return err
	})
}

// move notes where the clock was before and after f, and tells the turns that
// f collected in full.
func (s *server) move(f func(*Move) error) (Move, error) {
	before := s.live.State()
	m := Move{Since: before.Turn, Before: Instant{before.Now, before.Tick}}
	err := f(&m)
	after := s.live.State()
	m.After = Instant{after.Now, after.Tick}
	if len(m.Turns) > 0 {
		m.Count = len(m.Turns)
		m.Turns = s.tell(m.Turns)
	}
	return m, err
}

// tell fills in causes and diffs.
func (s *server) tell(turns []*trace.Turn) []*trace.Turn {
	told := s.cluster.Trace(pastOf(turns[0].Number - 1))
	chosen := told[:0]
	last := turns[len(turns)-1].Number
	for _, t := range told {
		if t.Number <= last {
			chosen = append(chosen, t)
		}
	}
	return chosen
}
