package devices

// Site (小区/园区) is one property.
type Site struct {
	ID       SiteID
	Name     string
	TimeZone string // IANA name, for example Asia/Shanghai
	Revision Revision
}

// Zone is a part of a site: building, entrance, garage. Zones are one level.
type Zone struct {
	ID   ZoneID
	Site SiteID
	Name string
}
