// Package alerting defines alarms, and the topic and e-mails that notify people.
package alerting
