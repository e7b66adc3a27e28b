package environment

import "catalog-infra/config"

// Lifecycle says what happens when an environment is destroyed. The zero value
// retains data but protects nothing from deletion.
type Lifecycle struct {
	// Disposable deletes the data. Otherwise the database leaves a final
	// snapshot, and images, logs and keys are retained.
	Disposable bool

	// Protected refuses to delete the stacks, the database and the load balancer.
	Protected bool
}

// lifecycles is the only place that says what a configured lifecycle means. The
// trail's bucket is retained in all of them.
var lifecycles = map[config.Lifecycle]Lifecycle{
	config.LifecycleDisposable: {Disposable: true},
	config.LifecycleRetained:   {},
	config.LifecycleProtected:  {Protected: true},
}
