package db

import (
	"gorm.io/gorm"

	"gatehouse/devices"
)

// reaching selects what is at a place of a reach, by the columns site and zone; nil
// selects all.
func reaching(tx *gorm.DB, r *devices.Reach) *gorm.DB {
	if r == nil || r.Everything() {
		return tx
	}
	where, names := reachClause(*r)
	return tx.Where(where, names...)
}

// reachClause is the condition for a reach that is not everything, with what stands for
// its question marks.
func reachClause(r devices.Reach) (where string, names []any) {
	var sites []devices.SiteID
	var zones []devices.ZoneID
	for _, p := range r.Places() {
		if p.Zone == "" {
			sites = append(sites, p.Site)
		} else {
			zones = append(zones, p.Zone)
		}
	}
	switch {
	case len(zones) == 0 && len(sites) == 0:
		return "1 = 0", nil
	case len(zones) == 0:
		return "site IN ?", []any{sites}
	case len(sites) == 0:
		return "zone IN ?", []any{zones}
	}
	return "(site IN ? OR zone IN ?)", []any{sites, zones}
}
