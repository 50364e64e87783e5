package web

import (
	_ "embed"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// document is the contract as it was generated from the types of this package; a
// test keeps it up to date.
//
//go:embed openapi.yaml
var document []byte

// build puts the layers together: see DESIGN.md for their order.
func (s *Server) build() error {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.RedirectTrailingSlash = false
	r.HandleMethodNotAllowed = true
	r.ContextWithFallback = true
	r.UseRawPath = true                              // the id of a client may have a slash in it
	if err := r.SetTrustedProxies(nil); err != nil { // withVisitor knows the address
		return err
	}
	r.Use(s.authorise)
	s.router, s.api = r, newAPI(r, s.deps.Log, s.letAgain, s.aims)
	s.register()
	page, err := newUI(dist, s.deps.Log)
	if err != nil {
		return err
	}
	r.NoRoute(func(c *gin.Context) { s.unknown(c, page) })
	r.NoMethod(func(c *gin.Context) {
		p := newProblem(devices.Invalid, fmt.Sprintf("%s is not possible here: the Allow header has what is", clip(c.Request.Method, 20)))
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		writeProblem(c.Writer, p)
	})

	guarded, err := sameSiteOnly(s.deps.PublicURL, withPlus(r))
	if err != nil {
		return err
	}
	s.handler = withVisitor(s.deps.Proxies, withHeaders(s.deps.Version, withLog(s.deps.Log, s.now, encryptedOnly(s.deps.Proxies, bounded(guarded)))))
	return nil
}

// register adds every route.
func (s *Server) register() {
	for _, routes := range []func(*api){
		s.setupRoutes, s.sessionRoutes, s.peopleRoutes, s.roleRoutes, s.factorRoutes, s.apiTokenRoutes, s.boothRoutes, s.liveRoutes, s.placeRoutes, s.planRoutes, s.deviceRoutes, s.deviceLifeRoutes, s.configurationRoutes, s.changeRoutes, s.credentialRoutes, s.lobbyRoutes, s.commandRoutes,
		s.importRoute, s.batchRoutes, s.layerRoutes, s.fireRoutes,
		s.presenceRoutes, s.statisticsRoutes, s.replayRoutes, s.eventRoutes, s.albumRoutes, s.plateRoutes, s.alarmRoutes, s.alarmMuteRoutes, s.ledgerRoutes, s.quarantineRoutes, s.scheduleRoutes, s.runRoutes, s.calendarRoutes, s.timetableRoutes, s.shiftRoutes, s.shiftActRoutes, s.integratorRoutes, s.auditRoutes,
		s.brokerClientRoutes, s.brokerBanRoutes, s.brokerRetainedRoutes, s.brokerStatsRoutes, s.brokerCertificateRoutes, s.brokerTraceRoutes, s.brokerTopicRoutes, s.brokerTestRoutes,
		s.systemRoutes, s.backupRoutes,
	} {
		routes(s.api)
	}
	s.pictureRoutes(s.router)
	s.planPictureRoute(s.router)
	s.backupFileRoute(s.router)
	s.exportRoute(s.router)
	s.statisticsExportRoute(s.router)
	s.healthRoutes(s.router)
	s.mqttRoute(s.router)
	s.router.GET(apiPrefix+"/openapi.yaml", func(c *gin.Context) {
		c.Data(http.StatusOK, "application/openapi+yaml", document)
	})
	doc := s.api.huma.OpenAPI()
	describePlainRoutes(doc)
	finishDocument(doc, reflect.TypeFor[feed.Heartbeat]())
}

// unknown answers what no route took: the console, or a problem under /api.
func (s *Server) unknown(c *gin.Context, page *ui) {
	if isAPI(c.Request.URL.Path) {
		writeProblem(c.Writer, newProblem(devices.NotFound, "there is nothing at this path: /api/v1/openapi.yaml lists what is"))
		return
	}
	page.ServeHTTP(c.Writer, c.Request)
}

// sameSiteOnly refuses every state-changing request that another site's page
// made. There are no exceptions by path.
func sameSiteOnly(publicURL string, next http.Handler) (http.Handler, error) {
	p := http.NewCrossOriginProtection()
	if publicURL != "" {
		if err := p.AddTrustedOrigin(publicURL); err != nil {
			return nil, fmt.Errorf("Deps.PublicURL: %w", err)
		}
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(devices.Forbidden, "pages of another site may not do this"))
	}))
	return p.Handler(next), nil
}

// bounded refuses a body that says it is too large, and cuts off one that is. huma
// has its own, slightly smaller limit and answers first for its routes.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := bodyLimit(r.URL.Path)
		if r.ContentLength > most {
			p := newProblem(devices.Invalid, fmt.Sprintf("the body is larger than %d bytes", most))
			p.Status, p.Title = http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge)
			writeProblem(w, p)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most+1)
		next.ServeHTTP(w, r)
	})
}

// withPlus keeps "+" in paths: gin reads it as a space where the path has escapes.
func withPlus(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawPath, "+") {
			u := *r.URL
			u.RawPath = strings.ReplaceAll(u.RawPath, "+", "%2B")
			r = r.WithContext(r.Context()) // a copy
			r.URL = &u
		}
		next.ServeHTTP(w, r)
	})
}
