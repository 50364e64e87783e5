package credentials

import (
	"context"
	"fmt"

	"gatehouse/devices"
)

// Place is a device, and the site at which it is.
type Place struct {
	Device devices.DeviceID
	Site   devices.SiteID
}

// IssueDevices is IssueDevice for many at once, in the order of the list: all of them
// are replaced, in one write with an audit entry each, or none is. Invalid: a device is
// named twice.
func (s *Service) IssueDevices(ctx context.Context, by devices.Actor, list []Place) ([]Issued, error) {
	named := make(map[devices.DeviceID]bool, len(list))
	for _, p := range list {
		if p.Device == "" || p.Site == "" || named[p.Device] {
			return nil, invalid("devices", fmt.Sprintf("must name each device once, with its site: look at %.64q", p.Device))
		}
		named[p.Device] = true
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	there, err := s.d.Store.Credentials(ctx, ForDevice)
	if err != nil {
		return nil, fmt.Errorf("credential.issue: %w", err)
	}
	old := make(map[string]Credential, len(there))
	for _, c := range there {
		old[c.Username] = c
	}
	issued, fresh, entries := make([]Issued, len(list)), make([]Credential, len(list)), make([]devices.AuditEntry, len(list))
	for i, p := range list {
		issued[i], fresh[i] = s.newDevice(p.Device, p.Site)
		s.keepCertificate(&fresh[i], old[fresh[i].Username])
		entries[i] = s.audit(by, "credential.issue", fresh[i])
	}
	if err := s.d.Store.PutCredentials(ctx, fresh, entries); err != nil {
		for _, c := range fresh {
			s.doubt(c.Username, err)
		}
		return nil, fmt.Errorf("credential.issue: %w", err)
	}
	for _, c := range fresh {
		s.end(c.Username)
	}
	return issued, nil
}
