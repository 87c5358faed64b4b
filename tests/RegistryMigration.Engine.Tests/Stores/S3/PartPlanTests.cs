using FsCheck;
using FsCheck.Fluent;
using RegistryMigration.Engine.Stores.S3;

namespace RegistryMigration.Engine.Tests.Stores.S3;

public sealed class PartPlanTests
{
    [Fact]
    public void Parts_cover_any_object_within_the_limits()
    {
        var lengths = Gen.Choose(1, int.MaxValue).Select(n => (long)n * n % PartPlan.MaxObjectSize + 1);
        var sizes = Gen.Choose(0, 2000).Select(n => (long)n << 20);
        Prop.ForAll(lengths.Zip(sizes).ToArbitrary(), pair =>
        {
            var (length, wanted) = pair;
            var plan = PartPlan.For(length, wanted);
            Assert.InRange(plan.PartSize, PartPlan.MinPartSize, PartPlan.MaxPartSize);
            Assert.InRange(plan.Count, 1, PartPlan.MaxParts);
            Assert.Equal(plan, PartPlan.For(length, wanted));
            Assert.InRange(plan.SizeOf(plan.Count), 1, plan.PartSize);
            Assert.Equal(length, plan.Start(plan.Count) + plan.SizeOf(plan.Count));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(PartPlan.MaxObjectSize)]
    [InlineData((16L << 20) * 10_000)]
    [InlineData(((16L << 20) * 10_000) + 1)]
    public void The_size_grows_where_ten_thousand_parts_would_not_do(long length)
    {
        var plan = PartPlan.For(length, 16L << 20);
        Assert.InRange(plan.Count, 1, 10_000);
        Assert.True(plan.PartSize >= 16L << 20);
    }
}
