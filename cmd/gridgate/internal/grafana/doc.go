// Package grafana does to a statement what Grafana does before it reaches a
// MySQL server, and reads the statements out of dashboards and of provisioned
// alert rules, so that tests can send what Grafana would.
//
// A statement passes two hands. The browser puts variables in (Variables.Put);
// the MySQL data source's backend then replaces macros (Range.Expand). An
// alert rule's statement passes the second only. Filling of missing intervals
// is done in Grafana after the rows have come; see Fill.
package grafana
