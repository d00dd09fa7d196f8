package grafana

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Use is what a statement's rows are for.
type Use string

const (
	ForPanel      Use = "panel"
	ForVariable   Use = "variable"
	ForAnnotation Use = "annotation"
	ForAlert      Use = "alert"
)

// A Format is what Grafana makes of a statement's rows.
type Format string

const (
	TimeSeries Format = "time_series"
	Table      Format = "table"
)

// A Statement is one that a dashboard or an alert rule sends.
type Statement struct {
	Use    Use
	Title  string // of the panel, the variable, the annotation or the rule
	Format Format
	SQL    string // with its variables and macros
	Repeat string // the variable whose values have a panel each; may be empty
}

// A Dashboard is what one file has to ask the data source.
type Dashboard struct {
	Title, UID, Zone string
	SchemaVersion    int
	// Variables are those that are asked for, in the order in which they
	// depend on each other, as Statements; Texts are those that the viewer
	// writes, with what they are at first.
	Variables []DashboardVariable
	Texts     Variables
	// Statements are those of panels and annotations.
	Statements []Statement
}

// A DashboardVariable is a variable whose values a statement gives.
type DashboardVariable struct {
	Name  string
	Multi bool
	Statement
}

// source is a reference to a data source.
type source struct{ Type, UID string }

// query is a statement as panels, annotations and alert rules keep it.
type query struct {
	Datasource source
	Format     Format
	RawQuery   bool
	RawSQL     string `json:"rawSql"`
	RefID      string `json:"refId"`
}

type dashboardFile struct {
	Title, UID, Timezone string
	SchemaVersion        int
	Panels               []struct {
		ID            int
		Title, Type   string
		Datasource    source
		PluginVersion string
		Repeat        string
		GridPos       struct{ H, W, X, Y int }
		Targets       []query
	}
	Templating struct {
		List []struct {
			Name, Type        string
			Datasource        source
			Query, Definition string
			Multi, IncludeAll bool
		}
	}
	Annotations struct {
		List []struct {
			Name       string
			Datasource source
			Target     query
		}
	}
}

// ReadDashboard reads a dashboard of the form that Grafana's export gives. All
// that it asks of a MySQL data source must be of the one whose UID is given.
func ReadDashboard(files fs.FS, name, uid string) (Dashboard, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return Dashboard{}, err
	}
	var f dashboardFile
	if err := json.Unmarshal(content, &f); err != nil {
		return Dashboard{}, fmt.Errorf("%s: %w", name, err)
	}
	d := Dashboard{Title: f.Title, UID: f.UID, Zone: f.Timezone, SchemaVersion: f.SchemaVersion, Texts: Variables{}}
	want := source{Type: "mysql", UID: uid}
	seen := map[int]bool{}
	for _, p := range f.Panels {
		if seen[p.ID] || p.GridPos.W <= 0 || p.GridPos.H <= 0 || p.GridPos.X+p.GridPos.W > 24 {
			return d, fmt.Errorf("%s: panel %q: the id %d is another's, or its place %+v is none", name, p.Title, p.ID, p.GridPos)
		}
		seen[p.ID] = true
		for _, q := range p.Targets {
			if err := q.check(want); err != nil || p.Datasource != want {
				return d, fmt.Errorf("%s: panel %q: its source is %v: %w", name, p.Title, p.Datasource, err)
			}
			d.Statements = append(d.Statements, Statement{ForPanel, p.Title, q.Format, q.RawSQL, p.Repeat})
		}
	}
	for _, v := range f.Templating.List {
		switch {
		case v.Type == "textbox":
			d.Texts[v.Name] = Variable{Values: []string{v.Query}}
		case v.Type == "query" && v.Datasource == want && v.Query == v.Definition:
			d.Variables = append(d.Variables, DashboardVariable{v.Name, v.Multi || v.IncludeAll, Statement{ForVariable, v.Name, Table, v.Query, ""}})
		default:
			return d, fmt.Errorf("%s: variable %s: of type %s, of %v, definition %q", name, v.Name, v.Type, v.Datasource, v.Definition)
		}
	}
	for _, a := range f.Annotations.List {
		if a.Datasource.Type == "grafana" { // its own annotations
			continue
		}
		if err := a.Target.check(want); err != nil || a.Datasource != want {
			return d, fmt.Errorf("%s: annotation %q: its source is %v: %w", name, a.Name, a.Datasource, err)
		}
		d.Statements = append(d.Statements, Statement{ForAnnotation, a.Name, a.Target.Format, a.Target.RawSQL, ""})
	}
	return d, nil
}

// check reports what keeps Grafana from sending the statement as it stands.
func (q query) check(want source) error {
	switch {
	case q.Datasource != want:
		return fmt.Errorf("query %s asks %v", q.RefID, q.Datasource)
	case q.Format != TimeSeries && q.Format != Table:
		return fmt.Errorf("query %s has the format %q", q.RefID, q.Format)
	case !q.RawQuery || strings.TrimSpace(q.RawSQL) == "":
		return fmt.Errorf("query %s has no statement of its own", q.RefID)
	}
	return nil
}

type alertFile struct {
	APIVersion int `yaml:"apiVersion"`
	Groups     []struct {
		Name, Folder, Interval string
		Rules                  []struct {
			UID, Title, Condition string
			Data                  []struct {
				RefID             string `yaml:"refId"`
				DatasourceUID     string `yaml:"datasourceUid"`
				RelativeTimeRange struct{ From, To int }
				Model             struct {
					RefID      string `yaml:"refId"`
					Type       string
					Expression string
					Format     Format
					RawSQL     string `yaml:"rawSql"`
				}
			}
		}
	}
}

// ReadAlerts reads a file of provisioned alert rules: the statements that they
// send. A rule must have a condition that one of its parts is, and expressions
// that name another one.
func ReadAlerts(files fs.FS, name, uid string) ([]Statement, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var f alertFile
	if err := yaml.Unmarshal(content, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []Statement
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			parts := map[string]bool{}
			for _, d := range r.Data {
				m := d.Model
				switch {
				case d.RefID == "" || m.RefID != d.RefID || parts[d.RefID]:
					return nil, fmt.Errorf("%s: rule %q: its part %q is not named, or twice", name, r.Title, d.RefID)
				case d.DatasourceUID == uid && (m.Format == Table || m.Format == TimeSeries) && m.RawSQL != "":
					out = append(out, Statement{ForAlert, r.Title, m.Format, m.RawSQL, ""})
				case d.DatasourceUID == "__expr__" && m.Type != "" && parts[m.Expression]:
				default:
					return nil, fmt.Errorf("%s: rule %q: its part %s is neither a statement nor an expression of an earlier part", name, r.Title, d.RefID)
				}
				parts[d.RefID] = true
			}
			if !parts[r.Condition] {
				return nil, fmt.Errorf("%s: rule %q: its condition %q is none of its parts", name, r.Title, r.Condition)
			}
		}
	}
	return out, nil
}

// A Provisioned source is what a file says of a data source.
type Provisioned struct {
	Name, UID, Type, URL, User string
	Settings                   struct {
		Database     string `yaml:"database"`
		Timezone     string `yaml:"timezone"`
		TimeInterval string `yaml:"timeInterval"`
		MaxOpenConns int    `yaml:"maxOpenConns"`
		MaxIdleConns int    `yaml:"maxIdleConns"`
	} `yaml:"jsonData"`
}

// ReadSource reads a file that provisions one data source.
func ReadSource(files fs.FS, name string) (Provisioned, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return Provisioned{}, err
	}
	var f struct {
		APIVersion  int           `yaml:"apiVersion"`
		Datasources []Provisioned `yaml:"datasources"`
	}
	if err := yaml.Unmarshal(content, &f); err != nil {
		return Provisioned{}, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	if f.APIVersion != 1 || len(f.Datasources) != 1 {
		return Provisioned{}, fmt.Errorf("%s: version %d with %d data sources, not 1 with 1", path.Base(name), f.APIVersion, len(f.Datasources))
	}
	return f.Datasources[0], nil
}
