package bill

const cloudWatch = "Amazon CloudWatch"

// monitoringCharges are those of alarms, logs, mails and runbooks.
//
// https://aws.amazon.com/cloudwatch/pricing/
// https://aws.amazon.com/sns/pricing/
// https://aws.amazon.com/systems-manager/pricing/
var monitoringCharges = []charge{
	{resource: "AWS::CloudWatch::Alarm", service: cloudWatch, one: "alarm metric", many: "alarm metrics", basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonCloudWatch", UsageType: "CW:AlarmMonitorUsage"}, quantity: alarmMetrics(false)},
	{resource: "AWS::CloudWatch::Alarm", service: cloudWatch, one: "high-resolution alarm metric", many: "high-resolution alarm metrics",
		basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonCloudWatch", UsageType: "CW:HighResAlarmMonitorUsage"}, quantity: alarmMetrics(true)},
	{resource: "AWS::CloudWatch::CompositeAlarm", service: cloudWatch, one: "composite alarm", many: "composite alarms",
		basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonCloudWatch", UsageType: "CW:CompositeAlarmMonitorUsage"}, quantity: one},
	{resource: "AWS::CloudWatch::Dashboard", service: cloudWatch, one: "dashboard", many: "dashboards", basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonCloudWatch", UsageType: "DashboardsUsageHour", Global: true}, quantity: one},
	{resource: "AWS::Logs::MetricFilter", service: cloudWatch, one: "metric of a log", many: "metrics of logs", basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonCloudWatch", UsageType: "CW:MetricMonitorUsage"}, quantity: logMetrics},
	{resource: "AWS::ECS::Cluster", service: cloudWatch, one: "other metric", many: "other metrics", basis: ByHour, unit: "a month",
		product:  Product{Service: "AmazonCloudWatch", UsageType: "CW:MetricMonitorUsage"},
		quantity: otherMetrics, once: true},
	{resource: "AWS::Logs::LogGroup", service: cloudWatch, one: "GB of new logs", many: "GB of new logs", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AmazonCloudWatch", UsageType: "DataProcessing-Bytes"},
		quantity: assume(func(a Assumptions) float64 { return a.LogGB }), once: true},
	{resource: "AWS::Logs::LogGroup", service: cloudWatch, one: "GB of stored logs", many: "GB of stored logs", basis: ByVolume, unit: "GB",
		product: Product{Service: "AmazonCloudWatch", UsageType: "TimedStorage-ByteHrs"}, quantity: storedLogs, once: true},
	{resource: "AWS::Logs::LogGroup", service: cloudWatch, one: "GB of logs queried", many: "GB of logs queried", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AmazonCloudWatch", UsageType: "DataScanned-Bytes"},
		quantity: assume(func(a Assumptions) float64 { return a.LogGBQueried }), once: true},
	{resource: "AWS::SNS::Topic", service: "Amazon SNS", one: "mail", many: "mails", basis: ByRequest, unit: "mails",
		product:  Product{Service: "AmazonSNS", UsageType: "DeliveryAttempts-SMTP"},
		quantity: assume(func(a Assumptions) float64 { return a.Mails }), once: true},
	{resource: "AWS::SSM::Document", service: "AWS Systems Manager", one: "step of a runbook", many: "steps of runbooks",
		basis: ByRequest, unit: "steps", quantity: assume(func(a Assumptions) float64 { return a.RunbookSteps }), once: true},
}

// alarmMetrics counts the metrics that an alarm watches, of which each is charged; an
// anomaly detector is charged as three.
func alarmMetrics(highResolution bool) func(site) Range {
	return func(alarm site) Range {
		metrics, shortest := 0.0, alarm.number(60, "Period")
		anomaly := alarm.Properties.At("ThresholdMetricId") != nil
		for _, query := range alarm.Properties.Objects("Metrics") {
			if query.At("MetricStat") == nil {
				continue
			}
			metrics++
			if period, known := query.At("MetricStat", "Period").(float64); known {
				shortest = min(shortest, period)
			}
		}
		if (shortest < 60) != highResolution {
			return Range{}
		}
		metrics = max(metrics, 1)
		if anomaly {
			metrics *= 3
		}
		return exactly(metrics)
	}
}

// logMetrics counts the metrics of a filter. Without a default value a metric is
// charged in the hours alone in which something matches.
func logMetrics(filter site) (count Range) {
	for _, metric := range filter.Properties.Objects("MetricTransformations") {
		count.Most++
		if metric.At("DefaultValue") != nil {
			count.Least++
		}
	}
	return count
}

// otherMetrics are those of Container Insights and of the application.
func otherMetrics(cluster site) Range {
	for _, setting := range cluster.Properties.Objects("ClusterSettings") {
		if setting.At("Name") == "containerInsights" && setting.At("Value") == "enhanced" {
			cluster.refuse("Container Insights with enhanced observability")
		}
	}
	return exactly(cluster.assumed.Metrics)
}

// storedLogs returns from one month of the logs to all that the longest retention
// keeps. AWS stores them compressed and charges that size, so the most is never reached.
func storedLogs(first site) Range {
	longest := 30.0
	for _, group := range first.all("AWS::Logs::LogGroup") {
		longest = max(longest, site{first.writer, group}.number(0, "RetentionInDays"))
	}
	return Range{first.assumed.LogGB, first.assumed.LogGB * longest / 30}
}
