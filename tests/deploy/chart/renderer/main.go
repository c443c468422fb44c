// Renders a Helm chart where `helm` itself is not to be had: Go's templates with the functions that Helm adds to them. Charts that depend on others,
// and hooks, are not its business. Reads requests as JSON, one a line, from standard input; answers each with a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type values = map[string]interface{}

type request struct {
	Values  values
	Release values
	// What `lookup` finds, by "kind/name".
	Cluster map[string]values
}

type answer struct {
	// By the name of the template.
	Files map[string]string `json:"files,omitempty"`
	Error string            `json:"error,omitempty"`
}

type files map[string]string

func (f files) Get(name string) string { return f[name] }
func (f files) Glob(pattern string) files {
	found := files{}
	for name, text := range f {
		if ok, _ := path.Match(pattern, name); ok {
			found[name] = text
		}
	}
	return found
}

type chart struct {
	metadata  values
	defaults  values
	templates files
	others    files
}

func main() {
	chart, err := read(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked request
		reply := answer{}
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			reply.Error = err.Error()
		} else if reply.Files, err = chart.render(asked); err != nil {
			reply.Error = err.Error()
		}
		_ = out.Encode(reply)
	}
}

func read(root string) (*chart, error) {
	found := &chart{templates: files{}, others: files{}}
	err := filepath.Walk(root, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(root, name)
		switch {
		case relative == "Chart.yaml":
			return yaml.Unmarshal(text, &found.metadata)
		case relative == "values.yaml":
			return yaml.Unmarshal(text, &found.defaults)
		case strings.HasPrefix(relative, "templates/"):
			found.templates[relative] = string(text)
		default:
			found.others[relative] = string(text)
		}
		return nil
	})
	return found, err
}

// As Helm merges them: maps key by key, everything else whole, and null takes a default away.
func merged(given, defaults values) values {
	result := values{}
	for key, value := range defaults {
		result[key] = value
	}
	for key, value := range given {
		inner, isMap := value.(values)
		below, wasMap := result[key].(values)
		switch {
		case value == nil:
			delete(result, key)
		case isMap && wasMap:
			result[key] = merged(inner, below)
		default:
			result[key] = value
		}
	}
	return result
}

func (c *chart) render(asked request) (map[string]string, error) {
	metadata := values{}
	// Chart.yaml's names are those of Go's struct in templates: .Chart.AppVersion.
	for key, value := range c.metadata {
		metadata[strings.ToUpper(key[:1])+key[1:]] = value
	}
	scope := values{
		"Values": merged(asked.Values, c.defaults), "Release": asked.Release, "Chart": metadata, "Files": c.others,
		"Capabilities": values{"KubeVersion": values{"Version": "v1.34.0", "Major": "1", "Minor": "34"}, "APIVersions": versions{}},
	}
	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root, asked.Cluster))
	for name, text := range c.templates {
		if _, err := root.New(name).Parse(text); err != nil {
			return nil, err
		}
	}
	rendered := map[string]string{}
	for name := range c.templates {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		text, err := execute(root, name, scope)
		if err != nil {
			return nil, err
		}
		rendered[name] = text
	}
	return rendered, nil
}

type versions struct{}

func (versions) Has(string) bool { return true }

func execute(root *template.Template, name string, scope interface{}) (string, error) {
	var text strings.Builder
	err := root.ExecuteTemplate(&text, name, scope)
	// Helm does the same: what is missing is nothing.
	return strings.ReplaceAll(text.String(), "<no value>", ""), err
}

func functions(root *template.Template, cluster map[string]values) template.FuncMap {
	all := sprig.TxtFuncMap()
	// Helm keeps the environment of who installs out of charts.
	delete(all, "env")
	delete(all, "expandenv")
	all["include"] = func(name string, scope interface{}) (string, error) { return execute(root, name, scope) }
	all["tpl"] = func(text string, scope interface{}) (string, error) {
		inner, err := root.Clone()
		if err == nil {
			_, err = inner.New("tpl").Parse(text)
		}
		if err != nil {
			return "", err
		}
		return execute(inner, "tpl", scope)
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	all["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	all["lookup"] = func(_, kind, _, name string) values { return cluster[kind+"/"+name] }
	all["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	all["toJson"] = func(value interface{}) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	}
	all["fromYaml"] = func(text string) (values, error) {
		parsed := values{}
		err := yaml.Unmarshal([]byte(text), &parsed)
		return parsed, err
	}
	return all
}
