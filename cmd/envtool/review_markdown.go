package main

import (
	"fmt"
	"io"
	"strings"
)

// reviewMarker is in each comment, so that a later review can take the place of its own
// earlier comment.
const reviewMarker = "<!-- envtool review -->"

// mostMarkdown is how long a comment may be, in bytes. GitHub takes 65,536 characters.
const mostMarkdown = 60_000

func writeReviewMarkdown(out io.Writer, all []reviewed) error {
	rows := rowsOf(all)
	text := reviewMarker + "\n**" + escaped(verdictOf(all, rows)) + "**\n" + markdownTable(rows, all)
	var without []string
	for _, one := range all {
		details := markdownDetails(one)
		if len(text)+len(details) > mostMarkdown-1000 {
			without = append(without, one.Environment)
			continue
		}
		text += details
	}
	if len(without) > 0 {
		text += cutAt("\nLeft out, since a comment cannot be longer: the details of "+escaped(strings.Join(without, ", "))+".", 700) + "\n"
	}
	_, err := io.WriteString(out, text)
	return err
}

// markdownTable returns the rows as a table of at most two thirds of a comment.
func markdownTable(rows []row, all []reviewed) string {
	if len(rows) == 0 {
		return ""
	}
	text := "\n| verdict | environments | resource | what |\n| --- | --- | --- | --- |\n"
	leftOut := 0
	for _, one := range rows {
		what := escaped(one.What)
		if one.Source != "" {
			what += " ([why](" + one.Source + "))"
		}
		line := fmt.Sprintf("| %s | %s | %s | %s |\n", one.Verdict, escaped(one.in(all)), escaped(one.resources()), what)
		if len(text)+len(line) > mostMarkdown*2/3 {
			leftOut++
			continue
		}
		text += line
	}
	if leftOut > 0 {
		text += fmt.Sprintf("\nLeft out, since a comment cannot be longer: %d more rows. `make review` prints all.\n", leftOut)
	}
	return text
}

func markdownDetails(one reviewed) string {
	lines := detailsOf(one)
	if len(lines) == 0 {
		return ""
	}
	var text strings.Builder
	fmt.Fprintf(&text, "\n<details><summary>%s: %s</summary>\n\n", escaped(one.Environment), summaryOf(one))
	for _, line := range lines {
		item, isItem := strings.CutPrefix(line, "- ")
		if isItem {
			text.WriteString("- ")
		} else if line != lines[0] {
			text.WriteString("\n")
		}
		text.WriteString(escaped(item) + "\n")
		if !isItem {
			text.WriteString("\n")
		}
	}
	return text.String() + "\n</details>\n"
}

// summaryOf counts what changes.
func summaryOf(one reviewed) string {
	var parts []string
	count := map[string]int{}
	for _, change := range one.Changes {
		count[string(change.Action)]++
	}
	for _, action := range []string{"added", "removed", "changed", "renamed", "moved"} {
		if count[action] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[action], action))
		}
	}
	if len(one.Bill) > 0 {
		parts = append(parts, "the bill changes")
	}
	if len(parts) == 0 {
		return "nothing changes its meaning"
	}
	return strings.Join(parts, ", ")
}

// special are the characters that Markdown, or a forge, would obey.
var special = strings.NewReplacer("|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "\\", `\\`,
	"@", "&#64;", "#", "&#35;", "&", "&amp;", "<", "&lt;", ">", "&gt;")

func escaped(text string) string { return special.Replace(text) }

// cutAt returns a text of at most so many bytes.
func cutAt(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}
