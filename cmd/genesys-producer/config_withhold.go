package main

import "strings"

// shortestSecret is how long a secret is at least that is looked for where it does not
// belong. A shorter one is a word, and would be found in what is none.
const shortestSecret = 8

// withhold takes out of the problems the text of a variable that holds a secret: it was
// pasted into the wrong one, and an error shows the text that it refuses. A secret is what
// its variable has, or the file that is named in its place. Of secrets' own variables no
// text is shown.
func (e *configError) withhold(env environment, cfg config, set map[string]string) {
	secrets := []struct {
		of    setting
		texts []string
	}{
		{env.ClientSecret, []string{env.ClientSecret.text(), cfg.ClientSecret.Reveal()}},
		{env.SASLPassword, []string{env.SASLPassword.text(), cfg.SASLPassword.Reveal()}},
		{env.SASLClientSecret, []string{env.SASLClientSecret.text(), cfg.SASLClientSecret.Reveal()}},
	}
	misplaced := func(name string) string {
		for _, s := range secrets {
			if s.of.name == name {
				return ""
			}
		}
		for _, s := range secrets {
			for _, text := range s.texts {
				if len(text) >= shortestSecret && strings.Contains(set[name], text) {
					return s.of.name
				}
			}
		}
		return ""
	}
	problems := e.problems
	e.problems = nil
	for _, p := range problems {
		if secret := misplaced(p.name); secret != "" {
			e.add(p.variable, "holds the value of "+secret+"; write what belongs there, and give the secret to nothing else")
			continue
		}
		e.problems = append(e.problems, p)
	}
}
