package bill

import (
	"encoding/json"
	"maps"
	"reflect"
)

// Assumptions are what no template says: how much an environment is used in a month.
// The file of the assumptions explains each.
type Assumptions struct {
	Requests         float64 `json:"requests"`
	GBOut            float64 `json:"gbOut"`
	GBThroughNAT     float64 `json:"gbThroughNAT"`
	GBToEndpoints    float64 `json:"gbToEndpoints"`
	GBBetweenZones   float64 `json:"gbBetweenZones"`
	DatabaseGB       float64 `json:"databaseGB"`
	DatabaseRequests float64 `json:"databaseRequests"`
	BackupGB         float64 `json:"backupGB"`
	RestoreTests     float64 `json:"restoreTests"`
	BucketGB         float64 `json:"bucketGB"`
	BucketWrites     float64 `json:"bucketWrites"`
	BucketReads      float64 `json:"bucketReads"`
	ImageGB          float64 `json:"imageGB"`
	ImageScans       float64 `json:"imageScans"`
	LogGB            float64 `json:"logGB"`
	LogGBQueried     float64 `json:"logGBQueried"`
	Metrics          float64 `json:"metrics"`
	Mails            float64 `json:"mails"`
	RunbookSteps     float64 `json:"runbookSteps"`
	FunctionCalls    float64 `json:"functionCalls"`
	FunctionSeconds  float64 `json:"functionSeconds"`
	KeyRequests      float64 `json:"keyRequests"`
	SecretRequests   float64 `json:"secretRequests"`
	DataEvents       float64 `json:"dataEvents"`
	ManagementEvents float64 `json:"managementEvents"`
	GBInspected      float64 `json:"gbInspected"`
	ConfigItems      float64 `json:"configItems"`
	RuleEvaluations  float64 `json:"ruleEvaluations"`
	SecurityChecks   float64 `json:"securityChecks"`
}

// Number is one of the assumptions.
type Number struct {
	Name  string
	Value float64
}

// Numbers returns the assumptions in the order of their file.
func (a Assumptions) Numbers() []Number {
	var numbers []Number
	values := reflect.ValueOf(a)
	for i := range values.NumField() {
		numbers = append(numbers, Number{values.Type().Field(i).Tag.Get("json"), values.Field(i).Float()})
	}
	return numbers
}

// someOfEach assumes that everything is used.
func someOfEach() (some Assumptions) {
	values := reflect.ValueOf(&some).Elem()
	for i := range values.NumField() {
		values.Field(i).SetFloat(1)
	}
	return some
}

// AssumptionsSchema returns the JSON schema of the file of the assumptions: each number,
// and under environments, by name, those that one environment has instead.
func AssumptionsSchema() []byte {
	properties := map[string]any{}
	for _, number := range (Assumptions{}).Numbers() {
		properties[number.Name] = map[string]any{
			"type": "number", "minimum": 0, "maximum": 1e12, "errorMessage": "want a number from 0 to 1000000000000",
		}
	}
	object := func(properties map[string]any) map[string]any {
		return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	}
	root := maps.Clone(properties)
	root["environments"] = map[string]any{
		"type": "object", "additionalProperties": false, "patternProperties": map[string]any{"^[a-z0-9-]+$": object(properties)},
		"errorMessage": "want environments by their names, such as prod",
	}
	schema, err := json.Marshal(object(root))
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	return schema
}
