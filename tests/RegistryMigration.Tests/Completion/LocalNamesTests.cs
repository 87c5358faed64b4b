using RegistryMigration.Completion;

namespace RegistryMigration.Tests.Completion;

public sealed class LocalNamesTests
{
    [Fact]
    public void Clouds_are_the_first_level_below_clouds()
    {
        string[] lines = ["# comment", "cache:", "  auth: true", "clouds:", "  prod:", "    auth:", "      auth_url: https://k", "  # more", "  \"test one\":", "    region_name: r", "other:", "  x:"];

        Assert.Equal(["prod", "test one"], CloudCompleter.Names(lines));
    }

    [Fact]
    public void Profiles_come_from_both_files_and_other_sections_do_not()
    {
        var directory = Directory.CreateTempSubdirectory("profiles");
        try
        {
            var config = Path.Combine(directory.FullName, "config");
            File.WriteAllLines(config, ["[default]", "region = x", "[profile build]", "[sso-session corp]", "[services local]"]);
            var aws = Directory.CreateDirectory(Path.Combine(directory.FullName, ".aws"));
            File.WriteAllLines(Path.Combine(aws.FullName, "credentials"), ["[migration]", "aws_access_key_id = k"]);

            Assert.Equal(["default", "build", "migration"], ProfileCompleter.Names(name => name == "AWS_CONFIG_FILE" ? config : null, directory.FullName));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_missing_offers_nothing() => Assert.Empty(LocalFile.Lines("/nowhere/at/all"));
}
