package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/audit"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/storage"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
)

// constructors are all functions that define a construct.
var constructors = []any{
	alerting.NewAlarm, alerting.NewCompositeAlarm, alerting.NewMetricFilter, alerting.NewNotificationRule, alerting.NewTopic,
	audit.NewAccessAnalyzer, audit.NewConfigRecorder, audit.NewGuardDuty, audit.NewInspector, audit.NewSecurityHub, audit.NewTrail,
	automation.NewClaimPolicy, automation.NewRunbook, automation.NewTrigger,
	database.NewApplicationUser, database.NewAurora, database.NewBackup, database.NewRotation, database.NewSecondVault,
	network.NewVpc,
	permissions.NewClosedRole, permissions.NewPolicy, permissions.NewServiceRole,
	storage.NewBucket, storage.NewKey, storage.NewLogGroup,
	waf.NewWebACL,
	web.NewAlias, web.NewCertificate, web.NewDistribution, web.NewHealthCheck, web.NewLoadBalancer, web.NewOriginSecret,
	web.NewRepository, web.NewService, web.NewShield, web.NewTaskDefinition, web.NewTaskRun,
}

// safeWithoutProps need no props.
var safeWithoutProps = []string{"audit.NewAccessAnalyzer", "audit.NewGuardDuty", "audit.NewSecurityHub"}

func TestEveryConstructorTakesScopeIDAndPropsAndReturnsItsType(t *testing.T) {
	scope := reflect.TypeFor[constructs.Construct]()
	for _, constructor := range constructors {
		f, name := reflect.TypeOf(constructor), constructorName(constructor)
		_, construct, _ := strings.Cut(name, ".New")

		require.Equal(t, 3, f.NumIn(), name)
		require.Equal(t, scope, f.In(0), name)
		require.Equal(t, reflect.String, f.In(1).Kind(), name)
		require.Equal(t, construct+"Props", f.In(2).Name(), name)
		require.Equal(t, 1, f.NumOut(), name)
		require.Equal(t, reflect.Pointer, f.Out(0).Kind(), name)
		result := f.Out(0).Elem()
		require.Equal(t, construct, result.Name(), name)
		for i := range result.NumField() {
			require.False(t, result.Field(i).Anonymous, "%s embeds %s: CDK would take it for a construct", name, result.Field(i).Name)
		}
	}
}

func TestPropsOfNothingAreRefusedOrSafe(t *testing.T) {
	for _, constructor := range constructors {
		name := constructorName(constructor)
		t.Run(name, func(t *testing.T) {
			define := reflect.ValueOf(constructor)
			props := define.Type().In(2)
			scope := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
			call := func() {
				define.Call([]reflect.Value{reflect.ValueOf(scope), reflect.ValueOf("Empty"), reflect.Zero(props)})
			}
			refused := caught(call)
			if slices.Contains(safeWithoutProps, name) {
				require.NoError(t, refused)
				return
			}
			require.ErrorContains(t, refused, ": Empty: "+props.Name()+" lacks ")
			for _, field := range reflect.VisibleFields(props) {
				if field.Tag.Get("required") == "true" {
					require.ErrorContains(t, refused, field.Name)
				}
			}
		})
	}
}

// constructorName returns the package and the name of a constructor.
func constructorName(constructor any) string {
	return filepath.Base(runtime.FuncForPC(reflect.ValueOf(constructor).Pointer()).Name())
}

func TestEveryConstructorIsInTheList(t *testing.T) {
	var listed []string
	for _, constructor := range constructors {
		listed = append(listed, constructorName(constructor))
	}
	require.ElementsMatch(t, constructorsInSource(t), listed)
}

// constructorsInSource returns the exported functions of constructs/ whose names
// start with New. The props of each have a comment that names the construct.
func constructorsInSource(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../constructs/*/*.go")
	require.NoError(t, err)
	documented := map[string]string{}
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, declaration := range source.Decls {
			switch declared := declaration.(type) {
			case *ast.FuncDecl:
				if declared.Recv == nil && strings.HasPrefix(declared.Name.Name, "New") {
					names = append(names, source.Name.Name+"."+declared.Name.Name)
				}
			case *ast.GenDecl:
				if spec, ok := declared.Specs[0].(*ast.TypeSpec); ok {
					documented[source.Name.Name+".New"+spec.Name.Name] = declared.Doc.Text()
				}
			}
		}
	}
	for _, name := range names {
		_, construct, _ := strings.Cut(name, ".New")
		require.Regexp(t, "^"+construct+"Props configures an? "+construct+`\b`, documented[name+"Props"])
	}
	return names
}
