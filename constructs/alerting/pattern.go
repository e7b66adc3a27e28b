package alerting

// EventPattern returns an EventBridge pattern for events of a source, such as
// aws.backup, of one of the detail types. Each field of the detail must have one
// of the given values.
func EventPattern(source string, detailTypes []string, detail map[string]any) map[string]any {
	return map[string]any{"source": []string{source}, "detail-type": detailTypes, "detail": detail}
}
