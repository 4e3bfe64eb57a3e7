package store

import "time"

// LeaseID names an etcd lease. Zero is no lease. (The Lease objects of
// coordination.k8s.io have nothing to do with it.)
type LeaseID int64

// EtcdLease is a promise to keep some keys until Expires, in virtual time.
// kube-apiserver puts Events under one.
type EtcdLease struct {
	ID      LeaseID
	TTL     time.Duration
	Expires time.Time
}

const leaseRows = "lease"

// leaseRow sorts by expiry, so that the leases to expire are the first rows.
func leaseRow(l *EtcdLease) string {
	return encodeInt(l.Expires.UnixNano()) + "/" + leaseIDName(l.ID)
}

const leaseByID = "lease-by-id"

func leaseIDName(id LeaseID) string { return encodeInt(int64(id)) }

// Grant makes a lease that ends ttl from now, or returns the one that has
// the id already.
func (tx *Tx) Grant(id LeaseID, ttl time.Duration, now time.Time) *EtcdLease {
	if l, ok := tx.Row(leaseByID, leaseIDName(id)).(*EtcdLease); ok {
		return l
	}
	l := &EtcdLease{ID: id, TTL: ttl, Expires: now.Add(ttl)}
	tx.putLease(l)
	return l
}

// KeepAlive prolongs a lease by its TTL from now. Error: ErrNotFound.
func (tx *Tx) KeepAlive(id LeaseID, now time.Time) error {
	l, ok := tx.Row(leaseByID, leaseIDName(id)).(*EtcdLease)
	if !ok {
		return ErrNotFound
	}
	tx.DeleteRow(leaseRows, leaseRow(l))
	tx.putLease(&EtcdLease{ID: id, TTL: l.TTL, Expires: now.Add(l.TTL)})
	return nil
}

func (tx *Tx) putLease(l *EtcdLease) {
	tx.PutRow(leaseRows, leaseRow(l), l)
	tx.PutRow(leaseByID, leaseIDName(l.ID), l)
}

// NextExpiry is when the next lease ends, and whether there is one.
func (s *Snapshot) NextExpiry() (time.Time, bool) {
	for _, v := range s.Rows(leaseRows, "") {
		return v.(*EtcdLease).Expires, true
	}
	return time.Time{}, false
}

// Expire revokes the leases whose time has come, and returns how many objects
// went with them. Each removed object is a write of its own.
func (s *Store) Expire(now time.Time, origin Origin) (int, error) {
	removed := 0
	for {
		l := s.Snapshot().expired(now)
		if l == nil {
			return removed, nil
		}
		n, err := s.Revoke(l.ID, origin)
		removed += n
		if err != nil {
			return removed, err
		}
	}
}

func (s *Snapshot) expired(now time.Time) *EtcdLease {
	for _, v := range s.Rows(leaseRows, "") {
		if l := v.(*EtcdLease); !l.Expires.After(now) {
			return l
		}
		break
	}
	return nil
}

// Revoke ends a lease: the objects attached to it are deleted. It returns how
// many. Error: ErrNotFound.
//
// It looks at every object there is. An index by lease would be paid for by
// every Event that is written, and leases end once in minutes.
func (s *Store) Revoke(id LeaseID, origin Origin) (int, error) {
	l, ok := s.Snapshot().Row(leaseByID, leaseIDName(id)).(*EtcdLease)
	if !ok {
		return 0, ErrNotFound
	}
	removed := 0
	for o := range s.Snapshot().all() {
		if o.Lease != id {
			continue
		}
		err := s.Write(func(tx *Tx) error {
			return tx.Delete(o.Resource, o.Namespace, o.Name, AnyRevision, origin)
		})
		if err != nil {
			return removed, err
		}
		removed++
	}
	return removed, s.Write(func(tx *Tx) error {
		tx.DeleteRow(leaseRows, leaseRow(l))
		tx.DeleteRow(leaseByID, leaseIDName(id))
		return nil
	})
}
